"""Public holidays of countries and their parts, from the `holidays` library."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

YEARS_KEPT = 500


@dataclass(frozen=True, slots=True)
class HolidayList:
    """The public holidays of a country (ISO 3166-1, two letters), or of a part of it as the library names it."""

    country: str
    part: str = ""

    def has(self, day: date) -> bool:
        """Whether it is one."""
        return day in _of_year(self.country, self.part, day.year)


def countries() -> list[str]:
    """Return the countries whose holidays are known."""
    return sorted(holidays.list_supported_countries())


def parts(country: str) -> list[str]:
    """Return a country's parts that have holidays of their own."""
    return sorted(holidays.list_supported_countries().get(country, []))


@lru_cache(maxsize=YEARS_KEPT)
def _of_year(country: str, part: str, year: int) -> frozenset[date]:
    # What is taken for an observed day off counts, as for everybody who stays at home.
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
