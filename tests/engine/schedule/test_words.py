"""Cron expressions in words: the sentences, the short forms, and that they tell no lies."""

import subprocess
import sys

import pytest
from hypothesis import given

from support.cron_model import Expression, expressions
from support.thorough import examples
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.words import describe, describe_short

SENTENCES = {
    "* * * * *": "Every minute",
    "*/5 * * * *": "Every 5 minutes",
    "0 * * * *": "Every hour",
    "5,35 * * * *": "At 5 and 35 minutes past the hour",
    "0 */2 * * *": "Every 2 hours, every day",
    "*/15 * * * * *": "Every 15 seconds",
    "@daily": "At 00:00, every day",
    "0 3 * * *": "At 03:00, every day",
    "30 0 3 * * *": "At 03:00:30, every day",
    "0 9,17 * * *": "At 09:00 and 17:00, every day",
    "30 9 * * mon-fri": "At 09:30, Monday through Friday",
    "30 9 * * 5-7": "At 09:30, Friday through Sunday",
    "30 9 * * 7": "At 09:30, only on Sunday",
    "30 9 * * 6,0": "At 09:30, only on Saturday and Sunday",
    "*/10 9-17 * * *": "Every 10 minutes, between 09:00 and 17:59, every day",
    "*/10 9,10 * * *": "Every 10 minutes, between 09:00 and 10:59, every day",
    "0 0 1 * *": "At 00:00, on day 1 of the month",
    "0 0 L * *": "At 00:00, on the last day of the month",
    "0 0 LW * *": "At 00:00, on the last weekday of the month",
    "0 0 15W * *": "At 00:00, on the weekday nearest day 15 of the month",
    "0 0 * * mon#2": "At 00:00, on the second Monday of the month",
    "0 0 * * fri#L": "At 00:00, on the last Friday of the month",
    "0 0 13 * fri": "At 00:00, on day 13 of the month, or on Friday",
    "0 0 1 jan,jul *": "At 00:00, on day 1 of the month, only in January and July",
    # where cron-descriptor alone would mislead
    "9-9 * * * *": "At 9 minutes past the hour",
    "? 3 * * *": "Every minute, between 03:00 and 03:59, every day",
    "*/45 * * * *": "At 0 and 45 minutes past the hour",
    "30 */7 * * *": "At 00:30, 07:30, 14:30 and 21:30, every day",
    "0 1-3,5 * * *": "At 01:00, 02:00, 03:00 and 05:00, every day",
    "*/20 */6 * * *": "At minutes 0, 20 and 40 of hours 0, 6, 12 and 18, every day",
    "* 30 3 * * *": "Every second of minute 30 of hour 3, every day",
    "0 0 1-31 * mon": "At 00:00, every day",
    "0 0 13 * +fri": "At 00:00, on day 13 of the month, but only if that is Friday",
    "0 0 1W,15W * *": (
        "At 00:00, on the weekday nearest day 1 and the weekday nearest day 15 of the month"
    ),
    "0 0 1,L * *": "At 00:00, on day 1 and the last day of the month",
    "0 0 * 2 mon#1,fri#3": (
        "At 00:00, on the first Monday and the third Friday of the month, in February"
    ),
    "0 0 0 * * * 2030-2032": "At 00:00, every day, in 2030-2032",
    "0 0 0 1 1 * */2": "At 00:00, on day 1 of the month, only in January, in the years */2",
}


@pytest.mark.parametrize(("expression", "sentence"), SENTENCES.items())
def test_in_a_sentence(expression: str, sentence: str) -> None:
    assert describe(Cron(expression)) == sentence


SHORT = {
    "* * * * *": "every minute",
    "*/5 * * * *": "every 5 min",
    "0,30 * * * *": "every 30 min",
    "* * * * * *": "every second",
    "*/10 * * * * *": "every 10 sec",
    "0 * * * *": "hourly at :00",
    "@hourly": "hourly at :00",
    "7 * * * *": "hourly at :07",
    "0 */6 * * *": "every 6 h at :00",
    "0 3 * * *": "daily at 03:00",
    "30 0 3 * * *": "daily 03:00:30",
    "0 9,17 * * *": "daily 09:00, 17:00",
    "30 9 * * 1": "Mon at 09:30",
    "30 9 * * mon-fri": "Mon-Fri 09:30",
    "30 9 * * 5-7": "Fri-Sun 09:30",
    "30 9 * * 1,3,5": "Mon,Wed,Fri 09:30",
    "0 0 1 * *": "1st at 00:00",
    "0 0 2 * *": "2nd at 00:00",
    "0 0 23 * *": "23rd at 00:00",
    "0 0 12 * *": "12th at 00:00",
    "0 4 L * *": "last day 04:00",
    "0 0 1 1 *": "1 Jan at 00:00",
    # no short form is true
    "*/7 * * * *": "*/7 * * * *",
    "0 0 */2 * *": "0 0 */2 * *",
    "*/5 9-17 * * *": "*/5 9-17 * * *",
    "0 3 13 * 5": "0 3 13 * 5",
    "0 3 13 * +5": "0 3 13 * +5",
    "0 3 * * 5#1": "0 3 * * 5#1",
    "0 3 15W * *": "0 3 15W * *",
    "0 3 * 6 *": "0 3 * 6 *",
    "0 3 L 2 *": "0 3 L 2 *",
    "0 0 3 * * * 2030": "0 0 3 * * * 2030",
    "5 * * * * *": "5 * * * * *",
    "30 */7 * * *": "30 */7 * * *",
}


@pytest.mark.parametrize(("expression", "short"), SHORT.items())
def test_in_a_column(expression: str, short: str) -> None:
    assert describe_short(Cron(expression)) == short


@examples(50)
@given(expressions(with_seconds=True))
def test_there_are_words_for_every_expression(expression: Expression) -> None:
    try:
        cron = Cron(expression.text)
    except CronError:
        return
    words = describe(cron)
    assert words[0].isupper()
    assert not set(words) & set("#?/*+")
    short = describe_short(cron)
    assert len(short) <= 18 or short == expression.text


def test_words_do_not_depend_on_the_language_of_the_machine() -> None:
    code = (
        "from taskengine.schedule.cron import Cron\n"
        "from taskengine.schedule.words import describe\n"
        "print(describe(Cron('30 9 * * mon-fri')))"
    )
    environment = {"LANG": "de_DE.UTF-8", "LANGUAGE": "de", "LC_ALL": "de_DE.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "At 09:30, Monday through Friday\n"


def test_parsers_and_words_are_imported_when_first_needed() -> None:
    code = (
        "import sys, taskengine, taskengine.schedule.words\n"
        "print([name for name in ('croniter', 'cron_descriptor') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
