"""What a tuner must mend. str() of each is one sentence that says how."""


class TrainingError(Exception):
    """Any of them."""


class RecipeError(TrainingError):
    """A recipe that cannot be read."""


class DataError(TrainingError):
    """Data that cannot be used."""


class RunError(TrainingError):
    """A run that cannot go on."""


class ExportError(TrainingError):
    """Something that cannot be exported."""
