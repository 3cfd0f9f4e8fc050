"""What turns a day's statements into vectors, near for those that say the same.

`WordEncoder` is the one that comes with the program: no model, no network, whole numbers. Another
takes its place by the same interface (`tasks.encoders` opens those that need a model or a service).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import pyarrow as pa

from tasks.language.lists import Lists
from tasks.language.polarity import AGAINST
from tasks.language.vectors import FLOAT, INT, unit, weighted_sums, word_vectors
from tasks.language.words import STOP_WORDS, lexicon, stem, stems
from warehouse.failures import TellableError

EVERY = -1  # the term that counts the statements themselves
MOST_REASONS = 2  # words that are named
DIMENSIONS = 64  # the first ones: coarser than the whole vector, as subjects are
# How many statements of citizens in general stand behind what a word weighs on the first days.
PRIOR_STATEMENTS = 300

# Words that ask without saying for what.
_ASKING = stems(
    lexicon(
        """
        accroitre accroissement ajouter ajout ameliorer amelioration apporter augmenter
        augmentation avoir besoin creer creation demander developper developpement disposer donner
        etablir falloir favoriser generaliser installer installation instaurer instauration
        intensifier maintenir maintien multiplier necessaire prevoir proposer redonner remettre
        remise renforcer renforcement reinstaurer rendre retablir retablissement retour retrouver
        revenir souhaiter vouloir nombreux nombreuse davantage chose niveau mesure place oeuvre
        """
    )
)
# Words of any subject: when, where, how many, who speaks, how one tells a story.
_TELLING = lexicon(
    """
    abord agglomeration ailleurs aller allez an ancien ancienne and annee annees ans appeler
    appele appelle arrive arriver attendre attends aujourd avant bonjour bourg bout ca campagne
    campagnes cas cela cent cents chose choses cinq cinquante commence commencer commune
    communes compte compter connu cote coup courrier croire crois date dedans dehors demain
    demande demander dernier derniere deux deuxieme devant devenir devient dimanche dire dis
    disent dit dix doit donne donner douze ecrire ecris ecrit ensemble entendre entends entrer
    envoye envoyer etre exemple faire fait falloir faut fin finir fois font francais francaise
    france genre gens grand grands habite habitent habiter habitons hebdomadaire heure heures
    hier homme huit in jeudi jour journee jours laisse laisser lettre lieu lire loin lundi
    madame mail maintenant marche marchent mardi mari matin merci mercredi mere meres message
    met mettre midi mille minute minutes mise mois moment monde monsieur mot neuf nom nouveau
    nouveaux nouvel nouvelle of onze oui parle parlent parler part partir passe passer pays
    pense penser personne personnes petit petite petites petits point porte porter possible
    pouvoir premier premiere prend prendre pres pris propose proposer qualite quarante quartier
    quartiers quatorze quatre quelqu quelque question quinze repondre reponse reste restent
    rester revenir rien rue rues sais sait samedi savoir seize semaine semaines sept serieuse
    seul seule seulement simple six soir sorte sortir souhaite suite suivi suivre temps tenir
    territoire territoires tete the tiens tient to tour treize trente trois troisieme trouve
    trouver type un vendredi venir veut veux viennent vient village villages ville villes vingt
    voir voit vrai vu we
    """
)


@dataclass(frozen=True)
class CommonWords:
    """What a consultation is all about, and so tells no statement of it apart from another."""

    stems: frozenset[str]
    prefixes: tuple[str, ...]

    def hold(self, word: str, word_stem: str) -> bool:
        """Tell whether a folded word is one of them."""
        return word_stem in self.stems or word.startswith(self.prefixes)


NO_COMMON_WORDS = CommonWords(frozenset(), ())


class EncoderError(TellableError):
    """The encoder cannot be used; the message is a French sentence that says what to do."""


class EncoderUnreachableError(EncoderError):
    """The encoder did not answer: nothing is wrong with what was asked, a later run may succeed."""


class Encoding(Protocol):
    """The vectors of some statements, and what in their words brings them near a direction."""

    @property
    def vectors(self) -> INT:
        """One row a statement, of length `UNIT`; zeros where nothing is known of it."""
        ...

    @property
    def weights(self) -> INT:
        """What each word of the table tells in the consultation, in thousandths."""
        ...

    def reasons(self, rows: INT, directions: FLOAT) -> list[list[str]]:
        """Name at most two words of each statement that bring it near a direction.

        None where it cannot say.
        """
        ...


class Encoder(Protocol):
    """Encodes statements, given how many statements of the consultation use each word so far."""

    @property
    def name(self) -> str:
        """Tell one encoder from another, version included: what another made is made again."""
        ...

    def encode(
        self,
        texts: Sequence[str],
        subjects: Lists,
        counts: pa.Table,
        needed: Sequence[bool],
    ) -> Encoding:
        """Encode texts whose subject words are known, by their rows in the table of word vectors.

        `counts` has `term`, such a row, and `statement_count`, how many statements use it.

        Those not `needed` join by their very words or not at all: they may stay rows of zeros.
        """
        ...


@dataclass(frozen=True)
class _WordEncoding:
    vectors: INT
    subjects: Lists
    weights: INT
    directions: INT

    def reasons(self, rows: INT, directions: FLOAT) -> list[list[str]]:
        words = self.subjects.take(rows)
        owners, names = words.owners, word_vectors().names
        forces = np.einsum("ij,ij->i", self.directions[words.values], directions[owners])
        forces *= self.weights[words.values]
        order = np.lexsort((-forces, owners))
        is_first = np.arange(len(order)) - words.bounds[owners] < MOST_REASONS
        reasons: list[list[str]] = [[] for _ in range(len(rows))]
        for i in order[is_first & (forces[order] > 0)].tolist():
            reasons[owners[i]].append(names[words.values[i]])
        return reasons


class WordEncoder:
    """A statement is the sum of its subject words, each weighing what it tells here.

    A word that everybody writes tells little, so does one that nobody else writes. What is common
    to all words of the consultation is taken away first: what is left tells its subjects apart.
    """

    name = "mots"

    def encode(
        self,
        texts: Sequence[str],  # noqa: ARG002 - it reads the words alone
        subjects: Lists,
        counts: pa.Table,
        needed: Sequence[bool],  # noqa: ARG002 - it costs nothing to see all
    ) -> Encoding:
        """Encode each list of subject words."""
        table = word_vectors()
        seen, used = _used(counts)
        weights = np.array([_telling(n / 1000, seen) for n in used.tolist()], dtype=np.int64)
        directions = unit(table.vectors[:, :DIMENSIONS])
        centre = np.rint((used @ directions) / int(used.sum())).astype(np.int64)
        centred = unit(directions - centre)
        sums = weighted_sums(subjects.values, subjects.bounds, weights, centred)
        return _WordEncoding(unit(sums), subjects, weights, centred)


def _used(counts: pa.Table) -> tuple[float, INT]:
    """How many statements there are, and use each word, in thousandths; citizens' own behind."""
    table = word_vectors()
    terms, found = (counts[name].to_numpy() for name in ("term", "statement_count"))
    seen = int(found[terms == EVERY].sum()) + PRIOR_STATEMENTS
    is_word = terms != EVERY
    counted = np.bincount(terms[is_word], found[is_word], len(table.names))
    used = PRIOR_STATEMENTS * table.text_counts / table.text_count + counted
    return seen, np.rint(used * 1000).astype(np.int64)


def _telling(count: float, seen: float) -> int:
    """How much a word tells, in thousandths: most when some use it and most do not."""
    return round(1000 * (math.log1p(count) * math.log((seen + 1) / (count + 1))) ** 2)


def subject_words(words: Sequence[str], common: CommonWords = NO_COMMON_WORDS) -> list[int]:
    """Return the rows of the word vectors for the words that say what a statement is about.

    Which way it points ("moins de"), that it asks ("il faut créer"), when and how often something
    happened say nothing of that; what the whole consultation is about does where nothing else does.
    """
    said = [w for w in dict.fromkeys(words) if len(w) > 1 and w not in STOP_WORDS]
    kept = [w for w in said if _is_subject(w)]
    subject = [w for w in kept if not common.hold(w, stem(w))] or kept or said
    places = map(word_vectors().place, subject)
    return list(dict.fromkeys(place for place in places if place is not None))


@lru_cache(maxsize=1 << 16)
def _is_subject(word: str) -> bool:
    said = stem(word)
    return said not in _ASKING and said not in AGAINST and word not in _TELLING
