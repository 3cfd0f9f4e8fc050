"""Encoders other than that of the words: what they make, what they ask, how they fail."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from tasks.consultation import DeclaredEncoder, Theme
from tasks.encoders import (
    LONGEST,
    WAITS,
    EncoderAccess,
    SentenceEncoder,
    Service,
    check_encoder,
    open_encoder,
)
from tasks.folds import GroupFold, fold
from tasks.language.encoders import (
    EVERY,
    NO_COMMON_WORDS,
    Encoder,
    EncoderError,
    EncoderUnreachableError,
    WordEncoder,
    subject_words,
)
from tasks.language.features import FEATURES_SCHEMA, read_features
from tasks.language.groups import GroupState, fold_groups
from tasks.language.lists import Lists
from tasks.language.vectors import UNIT
from tests.servers import embeddings
from tests.servers.embeddings import (
    Answering,
    EmbeddingServer,
    data,
    drop_by_drop,
    embedding,
    late,
    status,
)
from warehouse.contracts import LAKE_STATEMENTS
from warehouse.lake import Lake

KEY = "clef-4f1e9b"
TEXT = "Plus de patrouilles la nuit"
THEMES = (
    Theme("service", "service rendu", "Service", "Présence, délais.", examples=("Une ronde",)),
    Theme("lien", "lien avec la population", "Lien"),
)
OWN = ["service rendu", "Présence, délais.", "Une ronde", "lien avec la population"]


def service(server: EmbeddingServer, **changes: object) -> Service:
    """A service that waits for nobody; what it would have waited is in `waited`."""
    usual = {"key": lambda: KEY, "pause": lambda _: None} | changes
    return Service(server.url, "petit", **usual)  # type: ignore[arg-type]


def access(base: Path = Path(), secret: Callable[[str], str] = lambda _: KEY) -> EncoderAccess:
    return EncoderAccess(base, secret, lambda _: None)


def statements(*texts: str, kind: str = "proposition", theme: str = "service") -> pa.Table:
    count = len(texts)
    ids = [f"c-{crc32(t.encode()):016x}-{n:03d}" for n, t in enumerate(texts)]
    features = read_features(texts, [theme] * count, [kind] * count, NO_COMMON_WORDS)
    said = [pa.array(ids, pa.string()), pa.array(texts, pa.string())]
    return pa.table([*said, *features.columns], ["statement_id", "text", *features.column_names])


def by_table(vectors: dict[str, list[float]]) -> SentenceEncoder:
    """An encoder that knows some texts; the consultation's own is at the origin."""

    def embed(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.array([vectors.get(text, [0.0, 0.0, 0.0]) for text in texts])

    return SentenceEncoder("table", embed, ["thème"])


def group_count(encoder: Encoder, table: pa.Table) -> int:
    found, _ = fold_groups(GroupState.empty(), table, encoder)
    merged = set(found.merges["group_id"].to_pylist())
    return len(set(found.memberships["group_id"].to_pylist()) - merged)


# --- what a service is asked, and answers --------------------------------------------------------


def test_a_service_is_asked_in_batches_with_the_key_and_answers_by_index() -> None:
    texts = [f"énoncé {n}" for n in range(10)]
    with EmbeddingServer() as server:
        found = service(server, batch=4).embed(texts)
    assert found.tolist() == [embedding(text) for text in texts]
    assert [len(some) for some in server.asked] == [4, 4, 2]
    assert server.texts == texts
    assert set(server.authorizations) == {f"Bearer {KEY}"}
    assert set(server.models) == {"petit"}


def test_a_service_that_asks_no_key_is_sent_none() -> None:
    with EmbeddingServer() as server:
        service(server, key=None).embed([TEXT])
    assert server.authorizations == [None]


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        pytest.param([status(429)], [WAITS[0]], id="too many"),
        pytest.param([status(429, Retry_After="9")], [9.0], id="too many, told how long"),
        pytest.param([status(429, Retry_After="9000")], [60.0], id="told too long"),
        pytest.param([status(429, Retry_After="Fri, 1 Jan")], [WAITS[0]], id="told a date"),
        pytest.param([status(500), status(503)], list(WAITS), id="twice in trouble"),
        pytest.param([late(1.0)], [WAITS[0]], id="slow"),
        pytest.param(
            [lambda _: (200, {"Content-Length": "900"}, [b'{"data": ['])], [WAITS[0]], id="cut"
        ),
    ],
)
def test_what_may_pass_is_asked_again(answers: list[Answering], waits: list[float]) -> None:
    waited: list[float] = []
    with EmbeddingServer(*answers) as server:
        found = service(server, pause=waited.append, seconds=0.4).embed([TEXT])
    assert found.tolist() == [embedding(TEXT)]
    assert waited == waits
    assert len(server.asked) == len(waits) + 1


def _with(change: Callable[[list[dict[str, object]]], object]) -> Answering:
    """Answer well but for a change of the rows."""

    def answer(texts: list[str]) -> embeddings.Answer:
        rows = embeddings.rows(texts)
        change(rows)
        return data(rows)

    return answer


ALWAYS = 3
FAILURES = [
    pytest.param([status(500)] * ALWAYS, "erreur 500, 3 essais", id="500 always"),
    pytest.param([status(429)] * ALWAYS, "erreur 429, 3 essais", id="429 always"),
    pytest.param([late(1.0)] * ALWAYS, "trop lent, 3 essais", id="slow always"),
    pytest.param([drop_by_drop] * ALWAYS, "trop lent, 3 essais", id="drop by drop"),
    pytest.param([status(401)], r"refuse la clé \(401\) : corrigez encoder.key", id="401"),
    pytest.param([status(404)], r"\(404\) : corrigez encoder.url ou encoder.model", id="404"),
    pytest.param([status(413)], r"refuse la demande \(413\) : .*encoder.batch", id="413"),
    pytest.param(
        [status(307, Location="http://127.0.0.1:9/v1/embeddings")],
        r"renvoie vers une autre adresse \(307\)",
        id="redirection",
    ),
    pytest.param([_with(lambda rows: rows.pop())], "chacun des 2 textes", id="one missing"),
    pytest.param([_with(lambda rows: rows.append(rows[0]))], "chacun des 2", id="one twice"),
    pytest.param([_with(lambda rows: rows[0].pop("index"))], "chacun des 2", id="no index"),
    pytest.param([_with(lambda rows: rows[0].update(index=7))], "chacun des 2", id="index"),
    pytest.param(
        [_with(lambda rows: rows[1].update(embedding=[float("nan")] * embeddings.DIMENSIONS))],
        "chacun des 2 textes",
        id="not a number",
    ),
    pytest.param(
        [_with(lambda rows: rows[1].update(embedding=["1"] * embeddings.DIMENSIONS))],
        "chacun des 2 textes",
        id="texts",
    ),
    pytest.param(
        [_with(lambda rows: rows[1].update(embedding=[10**400] * embeddings.DIMENSIONS))],
        "chacun des 2 textes",
        id="huge",
    ),
    pytest.param([_with(lambda rows: rows[1].update(embedding=[1.0]))], "chacun", id="short"),
    pytest.param([_with(lambda rows: [r.update(embedding=[]) for r in rows])], "chacun", id="void"),
    pytest.param([lambda _: data({"a": 1})], "chacun des 2 textes", id="no list"),
    pytest.param([lambda _: (200, {}, [b"[" * 100_000])], "chacun des 2 textes", id="deep"),
    pytest.param([lambda _: (200, {}, [b"<html>\xff</html>"])], "chacun des 2 textes", id="a page"),
    pytest.param([lambda _: (200, {}, [])], "chacun des 2 textes", id="nothing"),
]


@pytest.mark.parametrize(("answers", "sentence"), FAILURES)
def test_a_failure_is_one_sentence_without_key_or_text(
    answers: list[Answering], sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = "Les rues sont sombres"
    with (
        EmbeddingServer(*answers) as server,
        pytest.raises(EncoderError, match=sentence) as caught,
    ):
        service(server, seconds=0.4).embed([TEXT, other])
    said = str(caught.value)
    assert said.startswith(f"Le service d'encodage {server.url[7:-3]} ")
    assert said.endswith(".")
    assert "\n" not in said
    assert caught.value.__cause__ is None
    for hidden in (KEY, TEXT, other):
        assert hidden not in said + caplog.text
    assert isinstance(caught.value, EncoderUnreachableError) == ("essais" in sentence)
    assert len(server.asked) == len(answers)


def test_a_service_that_is_not_there_may_be_there_later() -> None:
    with EmbeddingServer() as server:
        gone = service(server)
    with pytest.raises(EncoderUnreachableError, match=r"ConnectionRefusedError, 3 essais"):
        gone.embed([TEXT])


@pytest.mark.parametrize("key", ["clé-4f1e", "clef\r\nX-Autre: 1", "clef\0"])
def test_a_key_that_is_no_header_is_not_shown(key: str) -> None:
    with EmbeddingServer() as server, pytest.raises(EncoderError, match=r"encoder\.key") as caught:
        service(server, key=lambda: key).embed([TEXT])
    assert key not in str(caught.value)
    assert "4f1e" not in str(caught.value)
    assert server.asked == []


def test_another_length_in_another_batch_is_refused() -> None:
    short = _with(lambda rows: [row.update(embedding=[1.0, 2.0]) for row in rows])
    with EmbeddingServer(embeddings.well, short) as server, pytest.raises(EncoderError):
        service(server, batch=1).embed([TEXT, "Les rues sont sombres"])


# --- from embeddings to groups -------------------------------------------------------------------


def test_vectors_are_away_from_the_consultations_own_texts_and_of_one_length() -> None:
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        asked.extend(texts)
        return np.array([[5.0, float(len(text)), 0.5] for text in texts])

    encoder = open_encoder(DeclaredEncoder("openai", "m", "https://x.example"), THEMES, access())
    assert isinstance(encoder, SentenceEncoder)
    assert encoder._own == OWN
    encoder = SentenceEncoder("essai", embed, ["aa", "aa", " ", "aaaa"])
    texts = ["a", "aaaaaaaaa", "a", "b", ""]
    counts = pa.table({"term": [EVERY], "statement_count": [5]})
    no_words = Lists.of(pa.array([[]] * 5, pa.list_(pa.int32())))
    made = encoder.encode(texts, no_words, counts, [True, True, True, False, True])
    assert asked == ["aa", "aaaa", "a", "aaaaaaaaa"]
    lengths = np.linalg.norm(made.vectors, axis=1)
    assert lengths[:3] == pytest.approx([UNIT] * 3, rel=1e-3)
    assert lengths[3:].tolist() == [0, 0]
    assert made.vectors[0].tolist() == made.vectors[2].tolist()
    assert made.vectors[0] @ made.vectors[1] < 0  # on both sides of what they have in common
    assert made.reasons(np.array([0]), np.ones((1, 3))) == [[]]


def test_only_the_beginning_of_a_long_text_is_encoded() -> None:
    with EmbeddingServer() as server:
        encoder = SentenceEncoder("essai", service(server).embed, ["thème"])
        fold_groups(GroupState.empty(), statements("nuit " * 1000), encoder)
    assert [len(text) for text in server.texts] == [len("thème"), LONGEST]


def test_words_weigh_what_they_weigh_for_the_encoder_of_words() -> None:
    word = subject_words(["patrouille"])
    counts = pa.table({"term": [EVERY, *word], "statement_count": [9, 4]})
    asked = ([TEXT], Lists.of(pa.array([word], pa.list_(pa.int32()))), counts, [True])
    by_words = WordEncoder().encode(*asked)
    by_model = by_table({TEXT: [1.0, 0.0, 0.0]}).encode(*asked)
    assert by_model.weights.tolist() == by_words.weights.tolist()
    assert by_words.weights[word[0]] > 0


ONE, OTHER = "Plus de patrouilles le soir", "Des patrouilles après la tombée du jour"


@pytest.mark.parametrize(
    ("vectors", "count"),
    [
        pytest.param({ONE: [1.0, 0.1, 0.0], OTHER: [1.0, 0.0, 0.1]}, 1, id="near"),
        pytest.param({ONE: [1.0, 0.0, 0.0], OTHER: [-0.2, 1.0, 0.0]}, 2, id="far"),
    ],
)
def test_the_encoder_decides_who_meets(vectors: dict[str, list[float]], count: int) -> None:
    assert group_count(by_table(vectors), statements(ONE, OTHER)) == count


def test_paraphrases_meet_through_a_service() -> None:
    table = statements(
        "Il faut davantage de patrouilles de nuit dans les villages",
        "Davantage de patrouilles la nuit dans nos villages",
        "Créer une application pour signaler les incivilités",
    )
    with EmbeddingServer() as server:
        encoder = SentenceEncoder("essai", service(server).embed, OWN)
        found, _ = fold_groups(GroupState.empty(), table, encoder)
    first, second, third = found.memberships.to_pylist()
    assert first["group_id"] == second["group_id"] != third["group_id"]
    assert second["group_why"].startswith("proche de « Il faut davantage de patrouilles")
    assert second["group_why"].endswith(")")  # it does not say by which words


def test_only_distinct_texts_that_need_it_are_sent() -> None:
    first = statements(TEXT, f"{TEXT} !", TEXT, "Ouvrir le samedi")
    nothing = statements("Bonjour", "Merci", kind="autre")
    second = statements(TEXT, "Fermer plus tard", "fermer plus tard.", "Ouvrir le samedi")
    elsewhere = pa.concat_tables(
        [statements("Une maison ouverte"), statements("Une maison ouverte", theme="lien")]
    )
    with EmbeddingServer() as server:
        encoder = SentenceEncoder("essai", service(server).embed, OWN)
        state = GroupState.empty()
        for day in (first, nothing, second, elsewhere):
            _, state = fold_groups(state, day, encoder)
    assert server.texts == [
        *OWN, TEXT, "Ouvrir le samedi", "Fermer plus tard", "Une maison ouverte"
    ]  # fmt: skip


def test_folding_stored_days_is_folding_them_in_one_go() -> None:
    days = [
        statements(TEXT, "Ouvrir le samedi"),
        statements(TEXT, "Ouvrir aussi le samedi", "Merci"),
        statements(TEXT),  # nothing to encode, but a group to go on with
        statements("Des patrouilles la nuit", "Ouvrir le samedi"),
    ]
    with EmbeddingServer() as server:
        goes_on = SentenceEncoder("essai", service(server).embed, OWN)
        whole, stored = GroupState.empty(), GroupState.empty()
        for day in days:
            in_one_go, whole = fold_groups(whole, day, goes_on)
            anew = SentenceEncoder("essai", service(server).embed, OWN)
            alone, after = fold_groups(stored, day, anew)
            stored = GroupState.from_tables(
                after.profiles, after.texts, after.frequencies, after.merges
            )
            assert alone.memberships == in_one_go.memberships
            assert alone.profiles == in_one_go.profiles


def test_vectors_of_another_length_under_the_same_name_are_refused() -> None:
    _, state = fold_groups(GroupState.empty(), statements(TEXT))
    with pytest.raises(EncoderError, match=r"vecteurs de 3 nombres, il en donnait de \d+ ") as said:
        fold_groups(state, statements(TEXT), by_table({}))
    assert TEXT not in str(said.value)


def test_what_another_encoder_made_is_made_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    days = [date(2020, 1, 8), date(2020, 1, 9)]
    for n, day in enumerate(days):
        table = statements(TEXT, f"Ouvrir le samedi {n}")
        columns = [
            table[f.name] if f.name in table.column_names else _filler(f, table.num_rows)
            for f in LAKE_STATEMENTS.schema
        ]
        lake.write("statements", day, pa.table(columns, schema=LAKE_STATEMENTS.schema), "s")
        lake.write("statement_features", day, table.select(FEATURES_SCHEMA.names), "s")

    def made(encoder: Encoder) -> list[str | None]:
        start = partial(GroupFold, encoder)
        fold(lake, days, "statements", "memberships", f"code {encoder.name}", start)
        return [lake.fingerprint("memberships", day) for day in days]

    with EmbeddingServer() as server:
        encoder = SentenceEncoder("essai", service(server).embed, OWN)
        by_words = made(WordEncoder())
        by_service = made(encoder)  # vectors of another length: both days again
        assert server.texts == [*OWN, TEXT, "Ouvrir le samedi 0", "Ouvrir le samedi 1"]
        assert made(SentenceEncoder("essai", service(server).embed, OWN)) == by_service
        assert len(server.texts) == len(OWN) + 3  # nothing is asked when nothing is to be made
    assert not set(by_words) & set(by_service)
    assert made(WordEncoder()) == by_words


def _filler(field: pa.Field, count: int) -> pa.Array:
    if field.nullable:
        return pa.nulls(count, field.type)
    usual = "" if pa.types.is_string(field.type) else 0
    return pa.array([usual] * count, field.type)


# --- opening -------------------------------------------------------------------------------------


def test_the_words_are_the_usual_encoder() -> None:
    assert isinstance(open_encoder(DeclaredEncoder(), THEMES, access()), WordEncoder)
    check_encoder(DeclaredEncoder(), access())


def test_nothing_is_loaded_or_asked_before_there_is_something_to_encode() -> None:
    def secret(named: str) -> str:
        raise AssertionError(named)

    for declared in (
        DeclaredEncoder("openai", "m", "https://nulle-part.example/v1", "env:X"),
        DeclaredEncoder("sentence-transformers", "nulle-part"),
    ):
        encoder = open_encoder(declared, THEMES, access(secret=secret))
        _, state = fold_groups(GroupState.empty(), statements(), encoder)
        assert state.profiles.num_rows == 0


def test_each_declared_encoder_has_its_name() -> None:
    declared = [
        DeclaredEncoder("openai", "m", "https://a.example"),
        DeclaredEncoder("openai", "n", "https://a.example"),
        DeclaredEncoder("openai", "m", "https://b.example"),
        DeclaredEncoder("sentence-transformers", "m"),
        DeclaredEncoder(),
    ]
    assert len({open_encoder(d, THEMES, access()).name for d in declared}) == len(declared)


def test_the_key_is_looked_for_before_a_run_unless_prefect_keeps_it() -> None:
    asked: list[str] = []

    def secret(named: str) -> str:
        asked.append(named)
        return KEY

    for key in ("env:A", "prefect:b", "file:c", None):
        declared = DeclaredEncoder("openai", "m", "https://a.example", key)
        check_encoder(declared, access(secret=secret))
    assert asked == ["env:A", "file:c"]


# --- a model on this machine ---------------------------------------------------------------------

LOCAL = DeclaredEncoder("sentence-transformers", "modele")
is_installed = importlib.util.find_spec("sentence_transformers") is not None


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.encoders.find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # importing it fails
    with pytest.raises(EncoderError, match=r"« pip install \"assises\[sentence-") as checked:
        check_encoder(LOCAL, access())
    encoder = open_encoder(LOCAL, THEMES, access())
    with pytest.raises(EncoderError) as opened:
        fold_groups(GroupState.empty(), statements(TEXT), encoder)
    assert str(opened.value) == str(checked.value)
    assert "\n" not in str(checked.value)


@pytest.mark.skipif(not is_installed, reason="sentence-transformers is not installed")
@pytest.mark.filterwarnings("ignore")
def test_a_model_of_this_machine_encodes(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import BoW

    words = ["patrouilles", "nuit", "samedi", "ouvrir", "service", "population"]
    SentenceTransformer(modules=[BoW(vocab=words)], device="cpu").save(str(tmp_path / "modele"))
    encoder = open_encoder(LOCAL, THEMES, access(tmp_path))
    table = statements("patrouilles la nuit", "des patrouilles chaque nuit", "ouvrir samedi")
    assert group_count(encoder, table) == 2


@pytest.mark.skipif(not is_installed, reason="sentence-transformers is not installed")
@pytest.mark.filterwarnings("ignore")
def test_a_model_that_is_not_there_is_never_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *place, **_: asked.append(place))
    encoder = open_encoder(LOCAL, THEMES, access(tmp_path))
    with pytest.raises(EncoderError, match=r"« modele » .* rien n'est téléchargé"):
        fold_groups(GroupState.empty(), statements(TEXT), encoder)
    assert asked == []
