"""A funnel inside a transaction of the application's own: both happen, or neither does."""

import pytest
from funnel.sales_team import LIFECYCLE, qualification, qualify
from sqlalchemy import create_engine, text
from store.databases import KINDS, database

from mqlkit.funnel import Funnel
from mqlkit.spec import Model
from mqlkit.store import SqlStore, begin_immediately

MODEL = Model(qualification(), lifecycle=LIFECYCLE)
ORDER = text("INSERT INTO orders VALUES ('ada')")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fails", [False, True])
def test_what_an_application_writes_and_what_its_funnel_records_go_together(kind, fails):
    """Law 169, with a table that is not ours."""
    with database(kind) as url:
        engine = create_engine(url)
        if kind == "sqlite":
            begin_immediately(engine)
        Funnel(MODEL, SqlStore(engine))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE orders (lead_id TEXT)"))

        def buy() -> None:
            with engine.begin() as connection:
                connection.execute(ORDER)
                inside = Funnel(MODEL, SqlStore.within(connection), setup=False)
                assert qualify(inside).stage == "mql"
                if fails:
                    raise RuntimeError("no card")

        if fails:
            with pytest.raises(RuntimeError, match="no card"):
                buy()
        else:
            buy()
        after = Funnel(MODEL, SqlStore(engine))
        with engine.begin() as connection:
            orders = connection.execute(text("SELECT count(*) FROM orders")).scalar_one()
        told = [message.effect.lead_id for message in after.outbox()]
        kept = (orders, after.status(), bool(after.history("ada")), set(told))
        assert kept == ((0, {}, False, set()) if fails else (1, {"mql": 1}, True, {"ada"}))
        engine.dispose()
