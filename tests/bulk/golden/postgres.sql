-- mql version 3 (mq1-c8a4ed011c46dbb0569a)
-- for PostgreSQL
-- as of 2026-03-31 12:00:00 UTC
WITH read_leads AS (
  SELECT CASE WHEN LTRIM(CAST("lead_id" AS TEXT)) <> '' THEN CAST(CAST("lead_id" AS TEXT) AS TEXT) COLLATE "C" END AS lead_id
    , 1774958400000000 AS as_of_us
    , CASE WHEN LTRIM("email") <> '' THEN CAST("email" AS TEXT) COLLATE "C" END AS f_email
    , CASE WHEN CAST("employees" AS DOUBLE PRECISION) <> CAST('NaN' AS DOUBLE PRECISION) THEN CAST("employees" AS DOUBLE PRECISION) + 0.0e0 END AS f_employees
    , CASE WHEN LTRIM("title") <> '' THEN CAST("title" AS TEXT) COLLATE "C" END AS f_title
  FROM leads
), read_activities AS NOT MATERIALIZED (
  SELECT CASE WHEN LTRIM(CAST("lead_id" AS TEXT)) <> '' THEN CAST(CAST("lead_id" AS TEXT) AS TEXT) COLLATE "C" END AS lead_id
    , CASE WHEN LTRIM("kind") <> '' THEN CAST("kind" AS TEXT) COLLATE "C" END AS kind
    , CASE WHEN "at" BETWEEN '0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00' THEN CAST(EXTRACT(EPOCH FROM "at") * 1000000 AS BIGINT) END AS us
    , CASE WHEN LTRIM(CAST("id" AS TEXT)) <> '' THEN CAST(CAST("id" AS TEXT) AS TEXT) COLLATE "C" END AS id
    , CASE WHEN LTRIM("page") <> '' THEN CAST("page" AS TEXT) COLLATE "C" END AS p_page
  FROM activities
), marked AS (
  SELECT *
    , LAG(id) OVER (PARTITION BY lead_id ORDER BY id COLLATE "C", us ASC, kind COLLATE "C" ASC, p_page COLLATE "C" ASC NULLS LAST) AS same_id
  FROM read_activities
  WHERE us IS NOT NULL AND kind IS NOT NULL
), once AS (
  SELECT *
  FROM marked
  WHERE id IS NULL OR same_id IS NULL OR id <> same_id
), e AS (
  SELECT lead_id
    , kind
    , us
    , p_page
    , 1774958400000000 - us AS age
  FROM once
  WHERE us <= 1774958400000000 AND kind IN ('demo_request', 'page_view') AND CASE WHEN kind = 'page_view' THEN 1774958400000000 - us < 2592000000000 ELSE TRUE END
), e1 AS (
  SELECT e.*
    , LOWER(p_page COLLATE "C") AS p_page_folded
  FROM e
), e2 AS (
  SELECT e1.*
    , COALESCE(kind = 'page_view' AND (p_page_folded = '/pricing'), FALSE) AS b_page_view_sure
    , COALESCE(kind = 'page_view' AND (p_page_folded = '/pricing'), TRUE) AS b_page_view_possible
  FROM e1
), found AS (
  SELECT lead_id
    , COUNT(CASE WHEN (b_page_view_sure AND age < 2592000000000) THEN 1 END) AS a_page_view_30_days_n
    , COUNT(CASE WHEN (b_page_view_possible AND age < 2592000000000) THEN 1 END) AS a_page_view_30_days_n_most
    , MIN(CASE WHEN (kind = 'demo_request') THEN age END) AS a_demo_request_left
    , COUNT(CASE WHEN ((kind = 'page_view') AND age < 1209600000000) THEN 1 END) AS a_page_view_14_days_n
    , COUNT(CASE WHEN ((kind = 'demo_request') AND age < 172800000000) THEN 1 END) AS a_demo_request_2_days_n
  FROM e2
  GROUP BY lead_id
), known AS MATERIALIZED (
  SELECT read_leads.lead_id AS lead_id
    , read_leads.as_of_us AS as_of_us
    , read_leads.f_email AS f_email
    , read_leads.f_employees AS f_employees
    , read_leads.f_title AS f_title
    , COALESCE(found.a_page_view_30_days_n, 0) AS a_page_view_30_days_n
    , COALESCE(found.a_page_view_30_days_n_most, 0) AS a_page_view_30_days_n_most
    , found.a_demo_request_left AS a_demo_request_left
    , COALESCE(found.a_page_view_14_days_n, 0) AS a_page_view_14_days_n
    , COALESCE(found.a_demo_request_2_days_n, 0) AS a_demo_request_2_days_n
  FROM read_leads
  LEFT JOIN found ON found.lead_id = read_leads.lead_id
), k1 AS MATERIALIZED (
  SELECT known.*
    , CASE WHEN (STRPOS(SUBSTR(f_email, 2), '@') > 0 AND NOT (REPLACE(SPLIT_PART(f_email, '@', -1), ' ', '') = '')) THEN SPLIT_PART(f_email, '@', -1) END AS f_email_domain
    , (f_employees >= 50) AS c_50_people_or_more  -- rule: 50 people or more
    , LOWER(f_title COLLATE "C") AS f_title_folded
    , CASE WHEN a_demo_request_left IS NULL THEN 0 ELSE (CAST(ARRAY[40000, 38068, 36229, 34479, 32813, 31228, 29720, 28284, 26918, 25618, 24380, 23203, 22082, 21015, 20000, 19034, 18114, 17239, 16407, 15614, 14860, 14142, 13459, 12809, 12190, 11601, 11041, 10508, 10000, 9517, 9057, 8620, 8203, 7807, 7430, 7071, 6730, 6404, 6095, 5801, 5520, 5254, 5000, 4758, 4529, 4310, 4102, 3904, 3715, 3536, 3365, 3202, 3048, 2900, 2760, 2627, 2500, 2379, 2264, 2155, 2051, 1952, 1857, 1768, 1682, 1601, 1524, 1450, 1380, 1313, 1250, 1190, 1132, 1077, 1025, 976, 929, 884, 841, 801, 762, 725, 690, 657, 625, 595, 566, 539, 513, 488, 464, 442, 421, 400, 381, 363, 345, 328, 312, 297, 283, 269, 256, 244, 232, 221, 210, 200, 190, 181, 173, 164, 156, 149, 142, 135, 128, 122, 116, 110, 105, 100, 95, 91, 86, 82, 78, 74, 71, 67, 64, 61, 58, 55, 53, 50, 48, 45, 43, 41, 39, 37, 35, 34, 32, 30, 29, 28, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 15, 14, 13, 13, 12, 11, 11, 10, 10, 9, 9, 8, 8, 8, 7, 7, 7, 6, 6, 6, 5, 5, 5, 5, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0] AS BIGINT[]))[CAST(LEAST((a_demo_request_left / 86400000000), 229) + 1 AS INTEGER)] END AS r_demo_low
    , (a_demo_request_2_days_n >= 1) AS c_asked  -- at_once 'asked'
    , (a_page_view_14_days_n >= 1) AS c_part_2
  FROM known
), k2 AS MATERIALIZED (
  SELECT k1.*
    , LOWER(f_email_domain COLLATE "C") AS f_email_folded
    , (STRPOS(f_title_folded, 'chief') > 0 OR STRPOS(f_title_folded, 'vp') > 0) AS c_decides  -- rule: decides
    , (CAST(0 AS BIGINT) + LEAST((10000 * LEAST(a_page_view_30_days_n, 3)), (10000 * LEAST(a_page_view_30_days_n_most, 3))) + r_demo_low) AS s_engagement_low
    , (CAST(0 AS BIGINT) + (10000 * LEAST(a_page_view_30_days_n, 3)) + r_demo_low) AS s_engagement
    , (CAST(0 AS BIGINT) + GREATEST((10000 * LEAST(a_page_view_30_days_n, 3)), (10000 * LEAST(a_page_view_30_days_n_most, 3))) + r_demo_low) AS s_engagement_high
  FROM k1
), k3 AS MATERIALIZED (
  SELECT k2.*
    , (f_email_folded = 'rival.example') AS c_rival  -- never 'rival'
    , (LEAST(CAST(0 AS BIGINT) + CASE WHEN c_50_people_or_more THEN 15000 ELSE 0 END + CASE WHEN c_decides THEN 12500 ELSE 0 END, 20000)) AS s_fit_low
    , (LEAST(CAST(0 AS BIGINT) + CASE WHEN COALESCE(c_50_people_or_more, TRUE) THEN 15000 ELSE 0 END + CASE WHEN COALESCE(c_decides, TRUE) THEN 12500 ELSE 0 END, 20000)) AS s_fit_high
    , CASE WHEN (s_engagement_low >= 30000) THEN TRUE WHEN NOT (s_engagement_high >= 30000) THEN FALSE END AS c_hot  -- label 'hot'
  FROM k2
), k4 AS MATERIALIZED (
  SELECT k3.*
    , (CAST(0 AS BIGINT) + s_fit_low + s_engagement_low) AS s_total_low
    , (CAST(0 AS BIGINT) + s_fit_low + s_engagement) AS s_total
    , (CAST(0 AS BIGINT) + s_fit_high + s_engagement_high) AS s_total_high
  FROM k3
), k5 AS MATERIALIZED (
  SELECT k4.*
    , (CASE WHEN (s_total_low >= 40000) THEN TRUE WHEN NOT (s_total_high >= 40000) THEN FALSE END AND (a_page_view_14_days_n >= 1)) AS c_when  -- when
    , CASE WHEN (s_total_low >= 40000) THEN TRUE WHEN NOT (s_total_high >= 40000) THEN FALSE END AS c_part
  FROM k4
), k6 AS MATERIALIZED (
  SELECT k5.*
    , (c_when OR c_asked) AS d_wanted
  FROM k5
), k7 AS MATERIALIZED (
  SELECT k6.*
    , CASE WHEN c_rival THEN 'disqualified' WHEN NOT d_wanted THEN 'not qualified' WHEN c_rival IS NULL OR d_wanted IS NULL THEN 'needs data' ELSE 'qualified' END AS d_decision
  FROM k6
)
SELECT lead_id AS "lead_id"
  , (TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00' + as_of_us / 1000000 * INTERVAL '1 second' + as_of_us % 1000000 * INTERVAL '1 microsecond') AS "as_of"
  , d_decision AS "decision"
  , SUBSTR((CASE WHEN COALESCE(d_decision = 'disqualified' AND c_rival, FALSE) THEN '; rival' ELSE '' END || CASE WHEN COALESCE(d_decision = 'qualified' AND c_asked, FALSE) THEN '; asked' ELSE '' END || CASE WHEN COALESCE(d_decision = 'qualified' AND c_when, FALSE) THEN '; mql' ELSE '' END || CASE WHEN COALESCE(d_decision = 'not qualified' AND (NOT c_part), FALSE) THEN '; unmet: the score is at least 40' ELSE '' END || CASE WHEN COALESCE(d_decision = 'not qualified' AND (NOT c_part_2), FALSE) THEN '; unmet: any page_view in the last 14 days' ELSE '' END), 3) AS "reasons"
  , (CAST(s_total_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_low"
  , (CAST(s_total AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score"
  , (CAST(s_total_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_high"
  , (CAST(s_fit_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_fit_low"
  , (CAST(s_fit_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_fit"
  , (CAST(s_fit_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_fit_high"
  , (CAST(s_engagement_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_engagement_low"
  , (CAST(s_engagement AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_engagement"
  , (CAST(s_engagement_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_engagement_high"
  , CASE WHEN s_fit_high >= 20000 AND s_fit_low >= 20000 THEN 'A' WHEN s_fit_high >= 20000 AND s_fit_low < 20000 AND s_fit_low >= 10000 THEN 'A or B' WHEN s_fit_high >= 20000 AND s_fit_low < 10000 THEN 'A, B or C' WHEN s_fit_high < 20000 AND s_fit_high >= 10000 AND s_fit_low < 20000 AND s_fit_low >= 10000 THEN 'B' WHEN s_fit_high < 20000 AND s_fit_high >= 10000 AND s_fit_low < 10000 THEN 'B or C' WHEN s_fit_high < 10000 AND s_fit_low < 10000 THEN 'C' END AS "grade_fit"
  , SUBSTR(CASE WHEN COALESCE(c_hot, FALSE) THEN '; hot' ELSE '' END, 3) AS "labels"
  , 'mql' AS "name"
  , '3' AS "version"
  , 'mq1-c8a4ed011c46dbb0569a' AS "fingerprint"
FROM k7
