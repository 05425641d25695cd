-- A blank is NULL, a number a number, a flag a flag; what cannot be read is a blank.
select
    lead_id
    , nullif(trim(email), '') as email
    , nullif(trim(title), '') as title
    , nullif(trim(industry), '') as industry
    , try_cast(employees as bigint) as employees
    , case is_customer when 'yes' then true when 'no' then false end as is_customer
from {{ ref('raw_leads') }}
