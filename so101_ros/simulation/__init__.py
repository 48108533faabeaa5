"""The arm, the table and the sheet in MuJoCo."""
