"""Names of the base policies, for whoever asks for one."""

IK = "ik"
"""The base policy of the task."""

ZERO = "zero"
"""Must fail in every episode: it does nothing."""

GROOT = "groot"
"""A GR00T model."""

HYBRID = "hybrid"
"""Both bases at once: the IK policy, and a share of GR00T."""

HYBRID_GROOT_SHARE = 0.2
"""GR00T's share of the hybrid."""

ORACLE = "oracle"
"""The only policy that may move the sheet itself: it must succeed in every episode."""

POLICIES = {
    IK: "press on the sheet, drag and turn it, through inverse kinematics",
    GROOT: "a GR00T model, from a server, a checkpoint or a recording, seen through its profile",
    HYBRID: f"{1.0 - HYBRID_GROOT_SHARE:g} of ik and {HYBRID_GROOT_SHARE:g} of groot",
    ZERO: "does nothing: the arm holds its first pose",
    "random": "moves from one random pose to the next, one a second",
    ORACLE: "moves the sheet itself; proves the harness, says nothing of an arm",
    "replay:FOLDER": "repeats recorded episodes of the same seeds (out/eval/traces/NAME)",
    "MODULE:FACTORY": "yours: a callable that takes a SceneConfig and returns a Policy",
}
"""What can be asked for, and what it does."""

NOT_YET = ("residual",)
"""Names that are kept for policies to come."""
