"""The judges of the soak test: a model of the right content of portal, Trading Grid and mail, which
shares no code with the product.

It is fed with the accepted inputs (``soak.inputs``) and with the outputs of the functions, and
reports what is lost, stale, doubled, shown to a foreign partner, or overwritten with an older
state. Start with :class:`Judges`.
"""

from soak.judges.judges import Judges, Outputs
from soak.judges.messages import Message
from soak.judges.settings import Settings, read_settings
from soak.judges.verdict import Kind, Verdict

__all__ = ["Judges", "Kind", "Message", "Outputs", "Settings", "Verdict", "read_settings"]
