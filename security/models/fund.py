"""The rule of fund-related actions, as the desk reads it. Tables, keys and triggers are SQL: migrations/fund_rule/.

Rows are made by inserting what the grants name; the database fills in the rest and refuses what does not hold.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import public_id_field


class Method(models.TextChoices):
    """How a person proves to be themselves."""

    TOTP = "totp"
    WEBAUTHN = "webauthn"


class CheckMethod(models.TextChoices):
    """What a check of a customer stands on: a factor of theirs, or two people who looked at documents."""

    TOTP = "totp"
    WEBAUTHN = "webauthn"
    MANUAL = "manual"


class Purpose(models.TextChoices):
    """What a member of staff steps up for."""

    REQUEST = "action.request"
    APPROVE = "action.approve"
    REVIEW = "action.review"
    PROPOSE = "policy.propose"
    CONFIRM = "policy.confirm"


class StepUp(models.Model):
    """One proof of a member of staff for one act; `bound_to` is the SHA-256 of that very action or change."""

    public_id = public_id_field()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    bound_to = models.BinaryField()
    method = models.CharField(max_length=10, choices=Method.choices)
    issued_at = models.DateTimeField(db_default=DatabaseNow())
    attempts = models.IntegerField(db_default=0)
    is_verified = models.BooleanField(db_default=False)
    verified_at = models.DateTimeField(null=True)
    lot = models.BinaryField(null=True, editable=False)
    factor = models.ForeignKey("security.StaffFactor", null=True, on_delete=models.PROTECT, related_name="+")
    is_device_bound = models.BooleanField(null=True)
    evidence = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "security_stepup"

    def __str__(self) -> str:
        return f"step-up {self.public_id}"


class FundKind(models.Model):
    """A kind of fund-related action, what it has to name, and whether it always takes two people and a day."""

    name = models.CharField(primary_key=True, max_length=30)
    has_amount = models.BooleanField()
    has_destination = models.BooleanField()
    has_subject = models.BooleanField()
    has_operation = models.BooleanField()
    is_guarded = models.BooleanField()

    class Meta:
        managed = False
        db_table = "security_fundkind"

    def __str__(self) -> str:
        return self.name


class Terms(models.Model):
    """What a policy asks for, from `above` units of an asset ('' is every asset without rows of its own)."""

    kind = models.CharField(max_length=30)
    is_guarded = models.BooleanField()
    asset = models.CharField(max_length=20, blank=True)
    above = models.DecimalField(max_digits=38, decimal_places=18)
    risk = models.CharField(max_length=10)
    methods = ArrayField(models.CharField(max_length=10))
    needs_approval = models.BooleanField()
    cooling_off_s = models.IntegerField()

    class Meta:
        abstract = True


class FundPolicyChange(Terms):
    """A change of policy: proposed by one person, confirmed by another or not yet, each with a step-up for it."""

    public_id = public_id_field()
    hash = models.BinaryField(editable=False)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposer_stepup = models.ForeignKey(StepUp, on_delete=models.PROTECT, related_name="+")
    proposer_verified_at = models.DateTimeField()
    proposed_at = models.DateTimeField(db_default=DatabaseNow())
    confirmer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmer_stepup = models.ForeignKey(StepUp, null=True, on_delete=models.PROTECT, related_name="+")
    confirmer_verified_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "security_fundpolicychange"

    def __str__(self) -> str:
        return f"change {self.public_id} of the policy for {self.kind}"


class FundPolicy(Terms):
    """What holds from `valid_from`: a day after its change was confirmed, or since the installation."""

    change = models.OneToOneField(FundPolicyChange, null=True, on_delete=models.PROTECT, related_name="policy")
    confirmed_at = models.DateTimeField(null=True)
    valid_from = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "security_fundpolicy"

    def __str__(self) -> str:
        return f"{self.kind} {self.asset} from {self.above}"


class FundAction(models.Model):
    """What is to be done, in canonical fields, with the policy that held then; never changed. Amounts in the asset."""

    public_id = public_id_field()
    kind = models.CharField(max_length=30)
    operation = models.CharField(max_length=10, blank=True)
    subject = models.CharField(max_length=120, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    ticket_id = models.BigIntegerField(null=True)
    asset = models.CharField(max_length=20, blank=True)
    network = models.CharField(max_length=30, blank=True)
    amount = models.DecimalField(max_digits=38, decimal_places=18, default=0)
    destination = models.CharField(max_length=320, blank=True)
    tag = models.CharField(max_length=120, blank=True)
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requester_stepup = models.ForeignKey(StepUp, on_delete=models.PROTECT, related_name="+")
    requester_verified_at = models.DateTimeField()
    hash = models.BinaryField(editable=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    policy = models.ForeignKey(FundPolicy, on_delete=models.PROTECT, related_name="+")
    has_amount = models.BooleanField()
    has_destination = models.BooleanField()
    has_subject = models.BooleanField()
    has_operation = models.BooleanField()
    risk = models.CharField(max_length=10)
    methods = ArrayField(models.CharField(max_length=10))
    needs_approval = models.BooleanField()
    cooling_off_s = models.IntegerField()

    class Meta:
        managed = False
        db_table = "security_fundaction"

    def __str__(self) -> str:
        return f"action {self.public_id}"


class ApproverDraw(models.Model):
    """Who was drawn to approve an action; inserting a row draws."""

    action = models.ForeignKey(FundAction, on_delete=models.PROTECT, related_name="draws")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    place = models.IntegerField()
    drawn_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_approverdraw"

    def __str__(self) -> str:
        return f"{self.approver_id} for action {self.action_id}"


class CustomerFactor(models.Model):
    """A factor of a customer's; it counts for funds from `counts_from`, 72 hours after its enrolment or later."""

    public_id = public_id_field()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="factors")
    method = models.CharField(max_length=10, choices=Method.choices)
    label = models.CharField(max_length=60, blank=True)
    # What the exchange calls a passkey; nothing for an authenticator, which it does not know.
    exchange_id = models.CharField(max_length=120, blank=True)
    enrolled_at = models.DateTimeField(db_default=DatabaseNow())
    counts_from = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "security_customerfactor"

    def __str__(self) -> str:
        return f"{self.method} {self.public_id}"


class FactorEnd(models.Model):
    """From then on a factor proves nothing: it was lost or replaced."""

    factor = models.OneToOneField(CustomerFactor, primary_key=True, on_delete=models.PROTECT, related_name="end")
    ended_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_factorend"

    def __str__(self) -> str:
        return f"end of factor {self.factor_id}"


class IdentityCheck(models.Model):
    """One challenge to a customer, for one action, of one use; verified by the verifier alone."""

    public_id = public_id_field()
    action = models.ForeignKey(FundAction, on_delete=models.PROTECT, related_name="checks")
    hash = models.BinaryField(editable=False)
    method = models.CharField(max_length=10, choices=CheckMethod.choices)
    place = models.IntegerField()
    nonce = models.BinaryField(editable=False)
    issued_at = models.DateTimeField(db_default=DatabaseNow())
    attempts = models.IntegerField(db_default=0)
    is_verified = models.BooleanField(db_default=False)
    verified_at = models.DateTimeField(null=True)
    factor = models.ForeignKey(CustomerFactor, null=True, on_delete=models.PROTECT, related_name="+")
    factor_counts_from = models.DateTimeField(null=True)
    evidence = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "security_identitycheck"

    def __str__(self) -> str:
        return f"check {self.public_id}"


class Approval(models.Model):
    """A second person's yes to one action, with a step-up of their own for it."""

    action = models.ForeignKey(FundAction, on_delete=models.PROTECT, related_name="approvals")
    hash = models.BinaryField(editable=False)
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approver_stepup = models.ForeignKey(StepUp, on_delete=models.PROTECT, related_name="+")
    approver_verified_at = models.DateTimeField()
    approved_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_approval"

    def __str__(self) -> str:
        return f"approval of action {self.action_id}"


class Execution(models.Model):
    """That it exists is the permission to act, once."""

    action = models.OneToOneField(FundAction, primary_key=True, on_delete=models.PROTECT, related_name="execution")
    hash = models.BinaryField(editable=False)
    # `check` is Django's own name.
    identity_check = models.OneToOneField(
        IdentityCheck, on_delete=models.PROTECT, related_name="execution", db_column="check_id"
    )
    verified_at = models.DateTimeField()
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_execution"

    def __str__(self) -> str:
        return f"execution of action {self.action_id}"


class Freeze(models.Model):
    """Whether a customer's funds stand still. Anybody of ours freezes; only an executed `unfreeze` ends it."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.PROTECT, related_name="freeze")
    frozen_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=120, blank=True)
    unfreeze_action_id = models.BigIntegerField(null=True)
    unfreeze_asked_at = models.DateTimeField(null=True)
    unfrozen_at = models.DateTimeField(null=True)
    is_frozen = models.BooleanField(editable=False)

    class Meta:
        managed = False
        db_table = "security_freeze"

    def __str__(self) -> str:
        return f"freeze of customer {self.customer_id}"
