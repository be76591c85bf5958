"""People for tests."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import Brand, Customer, CustomerAddress, Staff, Team
from core.clock import DatabaseNow

PASSWORD = "correct horse battery"


class BrandFactory(DjangoModelFactory[Brand]):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda number: f"Brand {number}")


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team
        django_get_or_create = ("slug",)

    name = factory.Sequence(lambda number: f"Team {number}")
    slug = factory.Sequence(lambda number: f"team-{number}")


class StaffFactory(DjangoModelFactory[Staff]):
    class Meta:
        model = Staff

    email = factory.Sequence(lambda number: f"staff{number}@pharos.test")
    name = factory.Sequence(lambda number: f"Staff Member {number}")
    role = "agent"

    @classmethod
    def _create(cls, model_class: type[Staff], *_args: Any, **kwargs: Any) -> Staff:
        password = kwargs.pop("password", PASSWORD)
        return model_class.objects.create_staff(password=password, **kwargs)


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda number: f"Customer {number}")


class CustomerAddressFactory(DjangoModelFactory[CustomerAddress]):
    class Meta:
        model = CustomerAddress

    customer = factory.SubFactory(CustomerFactory)
    value = factory.Sequence(lambda number: f"customer{number}@example.com")


class ProvenAddressFactory(CustomerAddressFactory):
    proof = "dkim"
    proven_at = DatabaseNow()
