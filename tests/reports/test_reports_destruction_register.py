"""The destruction register: what R50 asks of a record, in order of destruction, whatever else a certificate says."""

from datetime import datetime

from report_world import codes_only, days, in_words, table

from crmcli.reports.destruction_register import Destroyed, destruction


def destroyed(number, at, **more):
    tree = {"format": "1", "number": number, "uid": "4Z8K", "destroyed_at": at, "method": "file-deleted", **more}
    return Destroyed(number, datetime.fromisoformat(at), tree)


LATER = destroyed("C20200110001", "2024-05-02T00:30+08:00", rule="ended", approved_by="L <l@example.org>")
FIRST = destroyed("C20200110002", "2024-05-01T12:00Z", history="not reached", copies=["a", {"b": "c"}])


def test_oldest_first_and_everything_told():
    shown = table(destruction([LATER, FIRST], codes_only()), "certificates")
    assert [row["number"] for row in shown.rows] == ["C20200110002", "C20200110001"]
    names = [column.name for column in shown.columns]
    assert names[:9] == [
        "number", "left_on", "destroyed_at", "method", "rule", "clause", "requested_by", "approved_by", "destroyed_by"
    ]  # fmt: skip
    assert names[-3:] == ["uid", "plan_file", "copies"]
    assert shown.rows[0]["copies"] == "a, c"
    assert "format" not in shown.rows[0]


def test_people_see_words_and_no_hashes():
    shown = table(destruction([FIRST], in_words()), "certificates")
    assert (shown.rows[0]["method"], shown.rows[0]["history"]) == ("file deleted", "not reached")
    assert not {"uid", "plan_file"} & {column.name for column in shown.columns}


def test_a_period_counts_days_of_the_vault():
    # 12:00 UTC is 20:00 in Shanghai, still the first of May; half past midnight there is the second.
    first = destruction([LATER, FIRST], codes_only(), days("2024-05-01", "2024-05-01"))
    second = destruction([LATER, FIRST], codes_only(), days("2024-05-02", "2024-05-02"))
    assert [row["number"] for row in table(first, "certificates").rows] == ["C20200110002"]
    assert [row["number"] for row in table(second, "certificates").rows] == ["C20200110001"]
    assert second.period == ("2024-05-02", "2024-05-02")


def test_devices_retired_before_they_acknowledged_are_told_with_who_and_when():
    retired = [{"device": name, "by": "zhao.min", "at": "2024-06-01T09:00+08:00"} for name in ("7K2M9QXA", "9QXA7PDR")]
    shown = table(
        destruction([destroyed("C20200110003", "2024-05-01T12:00Z", retired=retired)], in_words()), "certificates"
    )
    said = {column.name: column.label for column in shown.columns}["retired"]
    assert said == "Retired devices"
    told = "7K2M9QXA zhao.min 2024-06-01T09:00+08:00, 9QXA7PDR zhao.min 2024-06-01T09:00+08:00"
    assert shown.rows[0]["retired"] == told
