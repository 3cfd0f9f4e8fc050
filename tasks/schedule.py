"""When the daily run is due: from the day after the opening to some days after the deadline.

Pure: a consultation in, days and instants out. What runs them (Prefect, a timer of the system) is
told by `flows`, and the flow itself asks again: a calendar that goes wrong publishes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tasks.consultation import Consultation

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Schedule:
    """A run each day from `first` to `last`, `at` a local hour whatever the clock change."""

    first: date
    last: date
    at: time
    timezone: ZoneInfo

    @property
    def rrule(self) -> str:
        """Return the rule as Prefect reads it, with the time zone beside.

        UNTIL is local time without Z: the form with Z is accepted, then fails when dates are
        computed.
        """
        return (
            f"DTSTART:{self.first:%Y%m%d}T{self.at:%H%M%S}\n"
            f"RRULE:FREQ=DAILY;UNTIL={self.last:%Y%m%d}T{self.at:%H%M%S}"
        )

    def instants(self) -> list[datetime]:
        """Return every instant at which a run is due, in UTC."""
        days = (self.last - self.first).days + 1
        return [self._instant(self.first + n * DAY) for n in range(days)]

    def last_due(self, now: datetime) -> datetime | None:
        """Return the latest instant, up to now, at which a run was due; null before the first."""
        return max((instant for instant in self.instants() if instant <= now), default=None)

    def next_due(self, now: datetime) -> datetime | None:
        """Return the next instant, after now, at which a run is due; null after the last."""
        return min((instant for instant in self.instants() if instant > now), default=None)

    def holds(self, day: date) -> bool:
        """Tell whether a run is due on a local day."""
        return self.first <= day <= self.last

    def _instant(self, day: date) -> datetime:
        """Return the earlier reading of a local hour that a clock change skips or repeats.

        As Prefect computes it; a timer of systemd skips a day whose hour does not exist.
        """
        local = datetime.combine(day, self.at, self.timezone)
        return min(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))


def schedule_of(consultation: Consultation) -> Schedule:
    """Return the schedule of a consultation's daily run."""
    zone, calendar = consultation.timezone, consultation.calendar
    return Schedule(
        consultation.opening.astimezone(zone).date() + DAY,
        consultation.deadline.astimezone(zone).date() + calendar.days_after * DAY,
        calendar.at,
        zone,
    )
