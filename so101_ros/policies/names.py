"""Names of the base policies, for whoever asks for one."""

IK = "ik"
"""The base policy of the task."""

ZERO = "zero"
"""Must fail in every episode: it does nothing."""

ORACLE = "oracle"
"""The only policy that may move the sheet itself: it must succeed in every episode."""

POLICIES = {
    IK: "press on the sheet, drag and turn it, through inverse kinematics",
    ZERO: "does nothing: the arm holds its first pose",
    "random": "moves from one random pose to the next, one a second",
    ORACLE: "moves the sheet itself; proves the harness, says nothing of an arm",
    "replay:FOLDER": "repeats recorded episodes of the same seeds (out/eval/traces/NAME)",
    "MODULE:FACTORY": "yours: a callable that takes a SceneConfig and returns a Policy",
}
"""What can be asked for, and what it does."""

NOT_YET = ("groot", "hybrid", "residual")
"""Names that are kept for policies to come."""
