"""The house checks: one module for each rule, each seen to fail on a planted fault in tests/contracts/house/."""
