"""Every page of the explorer, as people reach it: of the demo's roaster, of what is not known, and of what goes wrong."""

from __future__ import annotations

from backlink_crawler.web.navigation import PAGES

TARGET = "bergkaffee.test"
_MORE = {
    "intersect": f"/intersect?target={TARGET}&target=gletscherbrot.test&not=brewforum.test",
    "compare": f"/compare?target={TARGET}&target=brewforum.test&target=roasterlist.test",
    "overview": f"/overview?target={TARGET}",
    "network": f"/network?target={TARGET}",
    "profile": f"/profile?target={TARGET}&competitors=roasterlist.test",
}
OF_TARGET = {name: _MORE.get(name, f"/{name}?target={TARGET}&limit=12") for name, _ in PAGES}
OTHERS = {
    "start": "/",
    "api": "/api",
    "seeds": "/seeds",
    "targets": "/targets",
    "marks": "/marks",
    "crawls": "/crawls",
    "run": "/crawls/1",
    "hosts": "/hosts?limit=12",
    "link": "/link/1",
    "filtered": f"/links?target={TARGET}&type=text&dofollow=true&sort=anchor",
    "later": f"/refdomains?target={TARGET}&limit=3",
    "exact": "/overview?target=http://bergkaffee.test/",
    "nothing": f"/lost?target={TARGET}",
    "unknown": "/links?target=nobody.test",
    "one of several": f"/intersect?target={TARGET}",
    "why a risk": f"/why/risk?target={TARGET}&domain=alpineplate.test",
    "why a prospect": f"/why/prospect?target={TARGET}&domain=cupandpeak.test",
    "leads": f"/prospects?target={TARGET}&list=misdirected",
    "no such page": "/nothing",
    "no such limit": f"/links?target={TARGET}&limit=none",
}
ADDRESSES = OF_TARGET | OTHERS
