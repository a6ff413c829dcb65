"""Single edits with known truth, made in real texts at run time: does the differ say what was done?"""
