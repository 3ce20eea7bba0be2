"""What people ask about the answer they just had: told apart from questions of their own, and answered from what is stored."""

from dataclasses import fields

import pytest

from bots import care, followups, words
from core import answer
from core.text import DEVANAGARI
from core.wisdom.corpus import corpus
from storage import Turn

WISHES = [
    ("who", "who was she?"),
    ("who", "and who is that man"),
    ("who", "yeh aurat kaun thi"),
    ("who", "वह कौन थे?"),
    ("source", "Is this true?"),
    ("source", "source please"),
    ("source", "did that really happen"),
    ("source", "ye kahani sacchi hai kya"),
    ("source", "kisne likhi hai ye kahani"),
    ("source", "sach hai ye kahani?"),
    ("source", "क्या यह कहानी सच्ची है?"),
    ("why", "why that story?"),
    ("why", "what does this have to do with me"),
    ("why", "yeh kahani kyun sunai"),
    ("why", "यह कहानी क्यों सुनाई"),
    ("short", "shorter please"),
    ("short", "can you say it in simple words"),
    ("short", "thoda saral mein samjhao"),
    ("short", "सरल शब्दों में बताइए"),
    ("hi", "in hindi please"),
    ("hi", "hindi me batao"),
    ("hi", "हिंदी में ही सरल करके बताइए"),
    ("en", "can you say that in English"),
    ("hinglish", "hinglish me bolo"),
]
NOT = [
    "who am i",
    "who will look after my mother",
    "is it true love or am i fooling myself",
    "is it true that i must forgive him",
    "why did she tell everybody my story",
    "i am too short and girls laugh",
    "my life is simple",
    "i failed in english",
    "hindi medium se hu, sab hanste hain",
    "यह सच है कि वह मुझे मारता है",
    "kaun tha woh jo mere ghar aaya tha",
    "was it my fault",
]
ANOTHER = [
    "another",
    "That doesn't help",
    "this has nothing to do with me",
    "ek aur kahani",
    "isse kuch nahi hoga bhai",
    "you are wrong",
    "कुछ और बताइए",
    "tell me more",
    "can you give me a longer answer please",
    "thoda vistar se batao",
]
ANOTHER_STORY = [
    "tell me another story",
    "ok, one more story please",
    "koi aur kahani sunao",
    "दूसरी कहानी सुनाइए",
]
NOT_ANOTHER = [
    "i want more from life",
    "how do i go on",
    "i need more about how to pray",
    "another year lost",
    "it doesn't help that my wife shouts",
    "he is not helping at home",
    "ek aur baar fail ho gaya",
]


def turn(question="i lost my job", said=None, story="karen-blixen-farm", verses=("2.47", "3.8"), status="done"):
    source = corpus()
    chosen = [source.verse(ref) for ref in verses]
    text = said or answer.compose(answer.instead(source, chosen, question), story and source.story(story), chosen)
    known = dict(question=question, answer=text, status=status, verses=verses, story=story, message_ids=())
    return Turn(**{field.name: None for field in fields(Turn)} | known)


@pytest.mark.parametrize(("wish", "text"), WISHES)
def test_what_is_asked_about_an_answer_is_known(wish, text):
    assert followups.wish(text) == wish and not followups.another(text)


def test_what_is_asked_of_life_is_not_taken_for_it():
    assert [text for text in NOT if followups.wish(text)] == []
    assert [text for text in NOT_ANOTHER if followups.another(text) or followups.wish(text)] == []


def test_who_wants_another_is_heard():
    assert [text for text in ANOTHER + ANOTHER_STORY if not followups.another(text)] == []
    assert [text for text in ANOTHER if followups.another_story(text)] == ["ek aur kahani"]
    assert [text for text in ANOTHER_STORY if not followups.another_story(text)] == []


def reply(text, of=None):
    return followups.reply(text, of or turn(), corpus(), None)


def test_who_it_was_and_where_to_look_it_up():
    story = corpus().story("karen-blixen-farm")
    said = reply("who was she?")
    assert said == words.WHO_THAT["en"].format(
        person=story.person, where=story.where, when=story.when, source=story.source
    )
    assert reply("tell me about Karen Blixen") == said and reply("tell me about my karma") is None
    assert reply("source?") == f"{said} {words.RESTS['en'].format(ref='2.47')}"
    assert story.source in reply("ye kahani sach hai?") and "sach mein" in reply("ye kahani sach hai?")
    assert DEVANAGARI.search(reply("वह कौन थी?")) and story.shows in reply("why this story")


def test_the_same_in_another_language():
    said = reply("hindi me batao")
    assert corpus().story("karen-blixen-farm").text_hi in said and said.endswith("— Gita 2.47, 3.8")
    assert DEVANAGARI.search(answer.counsel_of(said))
    back = reply("in english please", turn("मेरी नौकरी चली गई"))
    assert not DEVANAGARI.search(back) and corpus().story("karen-blixen-farm").text in back
    assert reply("in hindi please", turn(verses=("1.1",))) is None  # nobody wrote any for it


def test_shorter_is_the_counsel_alone():
    whole = turn()
    said = reply("shorter please", whole)
    assert len(said) <= len(answer.counsel_of(whole.answer)) and corpus().story(whole.story).text not in said
    long = "Partha, " + "the work is yours and the harvest is not, so rest tonight and begin again. " * 3
    assert len(reply("shorter", turn(said=f"{long}\n\n— Gita 2.47"))) < len(long)


def test_helplines_stay_whatever_is_asked():
    for text in ("shorter please", "hindi me batao", "in english"):
        danger = care.DANGER.said("he hits me", "en-IN")
        said = followups.reply(
            text,
            turn(said=f"Partha, hold on.\n\n{danger}\n\n— Gita 9.29", story=None, verses=("9.29",)),
            corpus(),
            "en-IN",
        )
        assert "112" in said and "181" in said, text


def test_without_an_answer_or_a_story_it_is_a_question_like_any_other():
    assert reply("who was she?", turn(story=None)) is None and reply("why that story", turn(story=None)) is None
    assert reply("source?", turn(status="stopped")) is None
    assert reply("source?", turn(story=None)) == words.RESTS["en"].format(ref="2.47")
