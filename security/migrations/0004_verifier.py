"""What people prove themselves with, and a step-up's tie to a factor that its person has: written by the verifier."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent / "verifier"


class Migration(migrations.Migration):
    dependencies = [("security", "0003_fund_state")]
    operations = [migrations.RunSQL((FOLDER / "tables.sql").read_text("utf-8"))]
