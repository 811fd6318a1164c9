"""Domains whose scripts count visitors and show advertisements. A page's links do not depend on them."""

from __future__ import annotations

from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of

_DOMAINS = frozenset(
    """
    google-analytics.com googletagmanager.com googletagservices.com googlesyndication.com googleadservices.com
    doubleclick.net 2mdn.net adsrvr.org adnxs.com amazon-adsystem.com criteo.com criteo.net taboola.com outbrain.com
    pubmatic.com rubiconproject.com openx.net casalemedia.com smartadserver.com teads.tv adform.net media.net
    facebook.net hotjar.com hotjar.io clarity.ms bing-analytics.com mouseflow.com fullstory.com crazyegg.com
    luckyorange.com inspectlet.com smartlook.com quantserve.com quantcount.com scorecardresearch.com chartbeat.com
    chartbeat.net newrelic.com nr-data.net segment.com segment.io mixpanel.com amplitude.com heap.io heapanalytics.com
    matomo.cloud plausible.io statcounter.com histats.com yandex-metrica.ru hubspot-analytics.com
    hs-analytics.net hs-scripts.com hsforms.net marketo.net pardot.com onetrust.com cookielaw.org cookiebot.com
    usercentrics.eu trustarc.com didomi.io consensu.org sentry-cdn.com sentry.io bugsnag.com datadoghq-browser-agent.com
    optimizely.com vwo.com intercom.io intercomcdn.com drift.com tawk.to zopim.com zdassets.com addthis.com
    sharethis.com snapchat.com tiktokcdn.com licdn.com demdex.net
    omtrdc.net adobedtm.com everesttech.net branch.io appsflyer.com onesignal.com pushwoosh.com cloudflareinsights.com
    """.split()
)
_HOSTS = frozenset({"analytics.google.com", "stats.wp.com", "pixel.wp.com", "connect.facebook.net", "mc.yandex.ru"})


def is_tracker(url: str) -> bool:
    host = host_of(url)
    return host in _HOSTS or domain_of(host) in _DOMAINS
