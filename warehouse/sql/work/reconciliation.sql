-- One row a sum that must agree, whichever way it is counted.
with
days as (
    select
        coalesce(sum(received_count), 0) as received,
        coalesce(sum(accepted_count), 0) as accepted,
        coalesce(
            sum(
                accepted_count
                + duplicate_count
                + rejected_count
                + quarantined_count
                + withdrawn_count
            ),
            0
        ) as by_status
    from marts.ledger_by_day
),

themes as (
    select
        sum(statement_count) as statements,
        sum(constat_count) as constats,
        sum(proposition_count) as propositions
    from marts.synthesis_by_theme
)

select
    'envois relevés' as what,
    settings.submission_count as expected_count,
    days.received as found_count
from days
cross join work.settings as settings
union all
select
    'envois par statut' as what,
    days.received as expected_count,
    days.by_status as found_count
from days
union all
select
    'envois par raison' as what,
    days.received as expected_count,
    (select coalesce(sum(submission_count), 0) from marts.ledger_by_reason) as found_count
from days
union all
select
    'contributions retenues' as what,
    days.accepted as expected_count,
    (select count(*) from core.contributions) as found_count
from days
union all
select
    'contributions par commune' as what,
    days.accepted as expected_count,
    (
        select coalesce(sum(contribution_count), 0)
        from marts.contributions_by_commune
    ) as found_count
from days
union all
select
    'énoncés par thème' as what,
    (select count(*) from core.statements) as expected_count,
    themes.statements as found_count
from themes
union all
select
    'énoncés des contributions retenues' as what,
    (
        select count(*)
        from lake.statements as statements
        semi join core.contributions as contributions
            on statements.contribution_id = contributions.contribution_id
    ) as expected_count,
    (select count(*) from core.statements) as found_count
union all
select
    'constats par groupe' as what,
    themes.constats as expected_count,
    (select coalesce(sum(statement_count), 0) from marts.constats) as found_count
from themes
union all
select
    'propositions par groupe' as what,
    themes.propositions as expected_count,
    (select coalesce(sum(statement_count), 0) from marts.propositions) as found_count
from themes
