"""The plugin could not analyse this file.

What it does
------------
Stands on line 1 of a file whose analysis failed by an error of the plugin's own. The other plugins'
results are not touched.

Why is this bad?
----------------
Nothing is known about the file's shared state. Please report it, with the file if you can.

Example
-------
There is no program that should give this code.

Use instead
-----------
Report the error; ``# noqa: SHS900`` on line 1 silences it meanwhile.

Known limits
------------
A file that is past the analysis's budget is left out in silence: that is a limit, not an error.
"""

from __future__ import annotations

from flake8_sharedstate.rules._rule import rule

RULE = rule("SHS900", "internal-error", lambda evidence: ())
