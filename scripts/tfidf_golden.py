#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-learn==1.9.1"]
# ///
"""Write crates/problems/tests/data/tfidf.json: what scikit-learn's TfidfVectorizer makes of a few documents.

Its defaults, but for the pattern of a word (letters and digits, without its underscore) and min_df. Vocabulary and
weights are learned on the training documents alone.
"""
import json
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

DOCUMENTS = [
    "Free entry in 2 a weekly comp: win FREE tickets, text WIN to 87121!",
    "I'll call you later; see you at 8pm, ok?",
    "You have won 1000 points. Call 09061701461 now, free",
    "snake_case and kebab-case are words, two of them each",
    "Größe, ÄRGER und größe; naïve café – Ελλάδα ΣΊΣΥΦΟΣ",
    "call call call you you now",
    "see the weekly comp, you win: call now",
    "and the two of them see free words",
    "nothing of it was ever met before",
    "Café größe 8pm free them",
    "a I 2 !",
    "ΣΊΣΥΦΟΣ τικετς win now win",
]
TRAIN = [0, 1, 2, 3, 4, 5, 6, 7]
PATH = Path(__file__).resolve().parent.parent / "crates" / "problems" / "tests" / "data" / "tfidf.json"

cases = []
for min_df in (1, 2, 3):
    vectorizer = TfidfVectorizer(token_pattern=r"[^\W_]{2,}", min_df=min_df)
    vectorizer.fit([DOCUMENTS[i] for i in TRAIN])
    rows = vectorizer.transform(DOCUMENTS).toarray()
    cases.append({
        "min_documents": min_df,
        "vocabulary": list(vectorizer.get_feature_names_out()),
        "rows": [[float(v) for v in row] for row in rows],
    })
PATH.write_text(json.dumps({"documents": DOCUMENTS, "train": TRAIN, "cases": cases}, ensure_ascii=False) + "\n")
