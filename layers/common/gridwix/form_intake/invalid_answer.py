"""The error for an answer that does not fit its question."""

from gridwix.models.answer_faults import ANSWER_FAULTS
from gridwix.models.texts import PLACEHOLDER, Sentence


class InvalidAnswer(ValueError):
    """An answer that does not fit its question. Its message is shown after the question's label.

    The message repeats nothing of the answer, except the two readings of an ambiguous number or
    date.

    Args:
        fault: Code of the fault in ``gridwix.models.answer_faults``, which has the message.
        code: The portal's own code for the same fault, by which its page shows a message next to
            the field; "" if the portal does not check for this fault.
        values: Values of the placeholders in the message.
    """

    def __init__(self, fault: str, code: str = "", **values: str | int) -> None:
        text = ANSWER_FAULTS[fault]
        # Singular and plural.
        if isinstance(text, tuple):
            text = text[0 if values.get("count") == 1 else 1]
        super().__init__(PLACEHOLDER.sub(lambda found: str(values[found[1]]), text))
        self.code = code
        self.sentence = Sentence(code=f"unfit.{fault}", values=values)
