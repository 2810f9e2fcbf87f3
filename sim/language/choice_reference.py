"""What the language's reference page says of choices."""

from __future__ import annotations

CHOICES = """\
## Choices under doubt

`choices` names what can be done, two or more; the others are held against the first. `switchrisk choose` says which is
the better one over doubt and what would be regretted, `switchrisk worth` what knowing the numbers in doubt is worth
before one is taken. All other commands take the scenario as it stands.

```yaml
choices:
  as_it_is: {}
  offer:
    name: A better offer
    set: {levers.retention_offer.acceptance: 0.45}
    cost: 3
```

`set` holds values by dotted path, as `--set` does: a number, a month, a word, a mapping that is merged (`customers:
{new_one: {revenue: 2}}` adds a customer), `null` to remove what stands there. It may set what stands under `vendor`,
`customers`, `groups`, `events`, `together` and `levers`; what is measured, and the discount rate, are the same for all
choices. The scenario under each choice is checked as a file that says the same, and what is wrong is told at the
choice. `cost` is a present value in `money`: it is taken off the expected revenue, and stands in no other measure.

A number that a choice sets is in doubt under the others only; `check` says so. Every draw of the numbers in doubt goes
through all checks under each choice too.

In a file that extends another, choices merge by id, `null` removes one, and what a choice sets is replaced whole.
"""
