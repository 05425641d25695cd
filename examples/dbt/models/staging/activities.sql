-- A row without a time that can be read does not count, nor one of a lead that nobody knows.
select
    nullif(trim(id), '') as id
    , lead_id
    , kind
    , try_cast("at" as timestamptz) as "at"
    , nullif(trim(channel), '') as channel
    , nullif(trim(page), '') as page
    , nullif(trim(content_type), '') as content_type
    , nullif(trim(asset_id), '') as asset_id
    , nullif(trim(webinar), '') as webinar
    , nullif(trim(topic), '') as topic
    , try_cast(strength as bigint) as strength
    , nullif(trim(feature), '') as feature
from {{ ref('raw_activities') }}
