-- Every row that one of the two has and the other has not; none, when they agree.
{% set columns %}
    lead_id, decision, coalesce(reasons, '') as reasons
    , score_low, score, score_high
    , score_fit_low, score_fit, score_fit_high
    , score_engagement_low, score_engagement, score_engagement_high
    , grade_fit, coalesce(labels, '') as labels, fingerprint
{% endset %}
with warehouse as (select {{ columns }} from {{ ref('mql_decisions') }})
, in_process as (select {{ columns }} from {{ ref('in_process') }})
select 'only the warehouse' as says, * from (select * from warehouse except select * from in_process) as w
union all
select 'only in process' as says, * from (select * from in_process except select * from warehouse) as p
