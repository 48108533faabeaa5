"""Stand in for a trained model: rehearse the IK policy, answer from what a model sees."""
