"""What the portal, Trading Grid and people's mail must hold: a model that shares no code with the
product.

It is fed with the accepted inputs (``soak.inputs``) and with what leaves the functions, and says
what was lost, stale, doubled, foreign or fallen. Start with :class:`Judges`.
"""

from soak.judges.judges import Judges, Outputs
from soak.judges.messages import Message
from soak.judges.settings import Settings, read_settings
from soak.judges.verdict import Kind, Verdict

__all__ = ["Judges", "Kind", "Message", "Outputs", "Settings", "Verdict", "read_settings"]
