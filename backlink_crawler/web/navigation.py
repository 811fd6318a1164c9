"""The pages about a target, in the order in which they stand beside each of them."""

PAGES = (
    ("overview", "Overview"),
    ("profile", "Profile"),
    ("links", "Backlinks"),
    ("refdomains", "Referring domains"),
    ("anchors", "Anchors"),
    ("best", "Pages"),
    ("broken", "Broken"),
    ("daily", "New and lost"),
    ("new", "New"),
    ("lost", "Lost"),
    ("history", "History"),
    ("linked", "Linked domains"),
    ("intersect", "Intersect"),
    ("compare", "Compare"),
    ("competitors", "Competitors"),
    ("prospects", "Prospects"),
    ("risk", "Risk"),
    ("networks", "Networks"),
    ("mirrors", "Mirrors"),
    ("network", "Network picture"),
)
