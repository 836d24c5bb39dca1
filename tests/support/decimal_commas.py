"""Creates a locale with decimal commas in the current folder."""

import os
from pathlib import Path
from subprocess import run


def decimal_commas():
    """Creates the locale de_DE.UTF-8. Returns the environment variables that select it."""
    locale = Path("locales").resolve() / "de_DE.UTF-8"
    locale.parent.mkdir(exist_ok=True)
    run(["localedef", "-i", "de_DE", "-f", "UTF-8", locale], capture_output=True)
    chosen = {"LOCPATH": str(locale.parent), "LC_ALL": locale.name}
    shown = run(["bash", "-c", "printf %.1f 1,5"], capture_output=True, text=True, env=os.environ | chosen).stdout
    assert shown == "1,5", f"localedef has made no German locale: 1,5 is shown as {shown}"
    return chosen
