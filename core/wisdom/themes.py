"""The fixed list of themes of verses and stories."""

THEMES: tuple[str, ...] = (
    "duty", "work", "results", "grief", "death", "self", "anger", "desire", "fear", "failure", "doubt", "letting-go",
    "equanimity", "friendship", "family", "love", "devotion", "faith", "prayer", "silence", "meditation", "mind",
    "discipline", "habit", "food", "envy", "pride", "humility", "compassion", "nonviolence", "truth", "courage",
    "anxiety", "loneliness", "purpose", "knowledge", "action", "renunciation", "generosity", "forgiveness", "nature",
    "time", "equality", "leadership", "hope", "speech",
)  # fmt: skip
