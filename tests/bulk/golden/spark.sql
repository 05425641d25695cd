-- mql version 3 (mq1-c8a4ed011c46dbb0569a)
-- for Spark
-- as of 2026-03-31 12:00:00 UTC
WITH read_leads AS (
  SELECT CASE WHEN NOT (LTRIM(CAST(`lead_id` AS STRING)) = '') THEN CAST(`lead_id` AS STRING) END AS lead_id
    , 1774958400000000 AS as_of_us
    , CASE WHEN NOT (LTRIM(`email`) = '') THEN `email` END AS f_email
    , CASE WHEN NOT ISNAN(CAST(`employees` AS DOUBLE)) THEN CAST(`employees` AS DOUBLE) + 0D END AS f_employees
    , CASE WHEN NOT (LTRIM(`title`) = '') THEN `title` END AS f_title
  FROM leads
), read_activities AS (
  SELECT CASE WHEN NOT (LTRIM(CAST(`lead_id` AS STRING)) = '') THEN CAST(`lead_id` AS STRING) END AS lead_id
    , CASE WHEN NOT (LTRIM(`kind`) = '') THEN `kind` END AS kind
    , UNIX_MICROS(`at`) AS us
    , CASE WHEN NOT (LTRIM(CAST(`id` AS STRING)) = '') THEN CAST(`id` AS STRING) END AS id
    , CASE WHEN NOT (LTRIM(`page`) = '') THEN `page` END AS p_page
  FROM activities
), marked AS (
  SELECT *
    , LAG(id) OVER (PARTITION BY lead_id ORDER BY id, us ASC, kind ASC, p_page ASC NULLS LAST) AS same_id
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
    , CASE WHEN OCTET_LENGTH(p_page) = CHAR_LENGTH(p_page) THEN LOWER(p_page) ELSE TRANSLATE(p_page, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') END AS p_page_folded
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
), known AS (
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
), k1 AS (
  SELECT known.*
    , CASE WHEN (INSTR(SUBSTR(f_email, 2), '@') > 0 AND NOT (LTRIM(SUBSTRING_INDEX(f_email, '@', -1)) = '')) THEN SUBSTRING_INDEX(f_email, '@', -1) END AS f_email_domain
    , (f_employees >= 50) AS c_50_people_or_more  -- rule: 50 people or more
    , CASE WHEN OCTET_LENGTH(f_title) = CHAR_LENGTH(f_title) THEN LOWER(f_title) ELSE TRANSLATE(f_title, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') END AS f_title_folded
    , CASE WHEN a_demo_request_left IS NULL THEN 0 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 87 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 43 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 21 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 10 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 5 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 2 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 1 THEN 40000 ELSE 38068 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 3 THEN 36229 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 4 THEN 34479 ELSE 32813 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 7 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 6 THEN 31228 ELSE 29720 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 8 THEN 28284 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 9 THEN 26918 ELSE 25618 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 15 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 12 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 11 THEN 24380 ELSE 23203 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 13 THEN 22082 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 14 THEN 21015 ELSE 20000 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 18 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 16 THEN 19034 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 17 THEN 18114 ELSE 17239 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 19 THEN 16407 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 20 THEN 15614 ELSE 14860 END END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 32 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 26 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 23 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 22 THEN 14142 ELSE 13459 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 24 THEN 12809 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 25 THEN 12190 ELSE 11601 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 29 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 27 THEN 11041 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 28 THEN 10508 ELSE 10000 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 30 THEN 9517 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 31 THEN 9057 ELSE 8620 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 37 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 34 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 33 THEN 8203 ELSE 7807 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 35 THEN 7430 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 36 THEN 7071 ELSE 6730 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 40 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 38 THEN 6404 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 39 THEN 6095 ELSE 5801 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 41 THEN 5520 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 42 THEN 5254 ELSE 5000 END END END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 65 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 54 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 48 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 45 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 44 THEN 4758 ELSE 4529 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 46 THEN 4310 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 47 THEN 4102 ELSE 3904 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 51 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 49 THEN 3715 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 50 THEN 3536 ELSE 3365 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 52 THEN 3202 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 53 THEN 3048 ELSE 2900 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 59 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 56 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 55 THEN 2760 ELSE 2627 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 57 THEN 2500 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 58 THEN 2379 ELSE 2264 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 62 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 60 THEN 2155 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 61 THEN 2051 ELSE 1952 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 63 THEN 1857 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 64 THEN 1768 ELSE 1682 END END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 76 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 70 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 67 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 66 THEN 1601 ELSE 1524 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 68 THEN 1450 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 69 THEN 1380 ELSE 1313 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 73 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 71 THEN 1250 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 72 THEN 1190 ELSE 1132 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 74 THEN 1077 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 75 THEN 1025 ELSE 976 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 81 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 78 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 77 THEN 929 ELSE 884 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 79 THEN 841 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 80 THEN 801 ELSE 762 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 84 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 82 THEN 725 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 83 THEN 690 ELSE 657 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 85 THEN 625 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 86 THEN 595 ELSE 566 END END END END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 131 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 109 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 98 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 92 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 89 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 88 THEN 539 ELSE 513 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 90 THEN 488 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 91 THEN 464 ELSE 442 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 95 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 93 THEN 421 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 94 THEN 400 ELSE 381 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 96 THEN 363 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 97 THEN 345 ELSE 328 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 103 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 100 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 99 THEN 312 ELSE 297 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 101 THEN 283 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 102 THEN 269 ELSE 256 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 106 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 104 THEN 244 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 105 THEN 232 ELSE 221 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 107 THEN 210 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 108 THEN 200 ELSE 190 END END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 120 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 114 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 111 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 110 THEN 181 ELSE 173 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 112 THEN 164 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 113 THEN 156 ELSE 149 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 117 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 115 THEN 142 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 116 THEN 135 ELSE 128 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 118 THEN 122 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 119 THEN 116 ELSE 110 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 125 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 122 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 121 THEN 105 ELSE 100 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 123 THEN 95 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 124 THEN 91 ELSE 86 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 128 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 126 THEN 82 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 127 THEN 78 ELSE 74 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 129 THEN 71 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 130 THEN 67 ELSE 64 END END END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 153 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 142 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 136 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 133 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 132 THEN 61 ELSE 58 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 134 THEN 55 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 135 THEN 53 ELSE 50 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 139 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 137 THEN 48 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 138 THEN 45 ELSE 43 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 140 THEN 41 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 141 THEN 39 ELSE 37 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 147 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 144 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 143 THEN 35 ELSE 34 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 145 THEN 32 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 146 THEN 30 ELSE 29 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 150 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 148 THEN 28 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 149 THEN 26 ELSE 25 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 151 THEN 24 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 152 THEN 23 ELSE 22 END END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 167 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 158 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 155 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 154 THEN 21 ELSE 20 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 156 THEN 19 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 157 THEN 18 ELSE 17 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 162 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 159 THEN 16 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 161 THEN 15 ELSE 14 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 164 THEN 13 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 165 THEN 12 ELSE 11 END END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 180 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 171 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 169 THEN 10 ELSE 9 END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 174 THEN 8 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 177 THEN 7 ELSE 6 END END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 196 THEN CASE WHEN (a_demo_request_left DIV 86400000000) < 184 THEN 5 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 189 THEN 4 ELSE 3 END END ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 206 THEN 2 ELSE CASE WHEN (a_demo_request_left DIV 86400000000) < 229 THEN 1 ELSE 0 END END END END END END END END END AS r_demo_low
    , (a_demo_request_2_days_n >= 1) AS c_asked  -- at_once 'asked'
    , (a_page_view_14_days_n >= 1) AS c_part_2
  FROM known
), k2 AS (
  SELECT k1.*
    , CASE WHEN OCTET_LENGTH(f_email_domain) = CHAR_LENGTH(f_email_domain) THEN LOWER(f_email_domain) ELSE TRANSLATE(f_email_domain, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') END AS f_email_folded
    , (CONTAINS(f_title_folded, 'chief') OR CONTAINS(f_title_folded, 'vp')) AS c_decides  -- rule: decides
    , (CAST(0 AS BIGINT) + LEAST((10000 * LEAST(a_page_view_30_days_n, 3)), (10000 * LEAST(a_page_view_30_days_n_most, 3))) + r_demo_low) AS s_engagement_low
    , (CAST(0 AS BIGINT) + (10000 * LEAST(a_page_view_30_days_n, 3)) + r_demo_low) AS s_engagement
    , (CAST(0 AS BIGINT) + GREATEST((10000 * LEAST(a_page_view_30_days_n, 3)), (10000 * LEAST(a_page_view_30_days_n_most, 3))) + r_demo_low) AS s_engagement_high
  FROM k1
), k3 AS (
  SELECT k2.*
    , (f_email_folded = 'rival.example') AS c_rival  -- never 'rival'
    , (LEAST(CAST(0 AS BIGINT) + CASE WHEN c_50_people_or_more THEN 15000 ELSE 0 END + CASE WHEN c_decides THEN 12500 ELSE 0 END, 20000)) AS s_fit_low
    , (LEAST(CAST(0 AS BIGINT) + CASE WHEN COALESCE(c_50_people_or_more, TRUE) THEN 15000 ELSE 0 END + CASE WHEN COALESCE(c_decides, TRUE) THEN 12500 ELSE 0 END, 20000)) AS s_fit_high
    , CASE WHEN (s_engagement_low >= 30000) THEN TRUE WHEN NOT (s_engagement_high >= 30000) THEN FALSE END AS c_hot  -- label 'hot'
  FROM k2
), k4 AS (
  SELECT k3.*
    , (CAST(0 AS BIGINT) + s_fit_low + s_engagement_low) AS s_total_low
    , (CAST(0 AS BIGINT) + s_fit_low + s_engagement) AS s_total
    , (CAST(0 AS BIGINT) + s_fit_high + s_engagement_high) AS s_total_high
  FROM k3
), k5 AS (
  SELECT k4.*
    , (CASE WHEN (s_total_low >= 40000) THEN TRUE WHEN NOT (s_total_high >= 40000) THEN FALSE END AND (a_page_view_14_days_n >= 1)) AS c_when  -- when
    , CASE WHEN (s_total_low >= 40000) THEN TRUE WHEN NOT (s_total_high >= 40000) THEN FALSE END AS c_part
  FROM k4
), k6 AS (
  SELECT k5.*
    , (c_when OR c_asked) AS d_wanted
  FROM k5
), k7 AS (
  SELECT k6.*
    , CASE WHEN c_rival THEN 'disqualified' WHEN NOT d_wanted THEN 'not qualified' WHEN c_rival IS NULL OR d_wanted IS NULL THEN 'needs data' ELSE 'qualified' END AS d_decision
  FROM k6
)
SELECT lead_id AS `lead_id`
  , TIMESTAMP_MICROS(as_of_us) AS `as_of`
  , d_decision AS `decision`
  , SUBSTR(CONCAT(CASE WHEN COALESCE(d_decision = 'disqualified' AND c_rival, FALSE) THEN '; rival' ELSE '' END, CASE WHEN COALESCE(d_decision = 'qualified' AND c_asked, FALSE) THEN '; asked' ELSE '' END, CASE WHEN COALESCE(d_decision = 'qualified' AND c_when, FALSE) THEN '; mql' ELSE '' END, CASE WHEN COALESCE(d_decision = 'not qualified' AND (NOT c_part), FALSE) THEN '; unmet: the score is at least 40' ELSE '' END, CASE WHEN COALESCE(d_decision = 'not qualified' AND (NOT c_part_2), FALSE) THEN '; unmet: any page_view in the last 14 days' ELSE '' END), 3) AS `reasons`
  , (CAST(s_total_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_low`
  , (CAST(s_total AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score`
  , (CAST(s_total_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_high`
  , (CAST(s_fit_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_fit_low`
  , (CAST(s_fit_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_fit`
  , (CAST(s_fit_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_fit_high`
  , (CAST(s_engagement_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_engagement_low`
  , (CAST(s_engagement AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_engagement`
  , (CAST(s_engagement_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS `score_engagement_high`
  , CASE WHEN s_fit_high >= 20000 AND s_fit_low >= 20000 THEN 'A' WHEN s_fit_high >= 20000 AND s_fit_low < 20000 AND s_fit_low >= 10000 THEN 'A or B' WHEN s_fit_high >= 20000 AND s_fit_low < 10000 THEN 'A, B or C' WHEN s_fit_high < 20000 AND s_fit_high >= 10000 AND s_fit_low < 20000 AND s_fit_low >= 10000 THEN 'B' WHEN s_fit_high < 20000 AND s_fit_high >= 10000 AND s_fit_low < 10000 THEN 'B or C' WHEN s_fit_high < 10000 AND s_fit_low < 10000 THEN 'C' END AS `grade_fit`
  , SUBSTR(CASE WHEN COALESCE(c_hot, FALSE) THEN '; hot' ELSE '' END, 3) AS `labels`
  , 'mql' AS `name`
  , '3' AS `version`
  , 'mq1-c8a4ed011c46dbb0569a' AS `fingerprint`
FROM k7
