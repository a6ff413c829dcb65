"""Notices that stand in a document's place, and short documents that look like notices."""

SCRIPTS = "<script src=/a.js></script>" * 8


def page(body: str, title: str = "Lumio", language: str = "en") -> str:
    return f"<html lang={language}><head><title>{title}</title></head><body>{body}</body></html>"


NOTICES = {
    "maint": (
        "<div class=wrap><h1>We'll be right back</h1><p>Our engineers are giving Lumio a tune-up. Come "
        "back in an hour or so.</p></div>"
    ),
    "oops": (
        "<div><h2>Oops! That didn't work.</h2><p>Our hamsters tripped over a cable. Refresh this page, "
        "or head home.</p></div>"
    ),
    "gone": (
        "<h1>Nothing to see here</h1><p>The link you followed may be broken, or the page may have been "
        "removed.</p><a href=/>Home</a>"
    ),
    "500 reqid": (
        "<center><h1>Internal Server Error</h1></center><hr><center>Request-ID 8f3a-22bc. Please contact "
        "support.</center>"
    ),
    "login": (
        "<h1>Sign in to "
        "continue</h1><form><label>Email</label><input><label>Password</label><input><button>Sign "
        "in</button></form><p>Forgot your password?</p>"
    ),
    "geo": "<h1>Not in your region</h1><p>Lumio cannot be reached from your country for now. We are working on it.</p>",
    "age gate": (
        "<h1>How old are you?</h1><p>You need to be over 18 to enter this "
        "site.</p><button>Enter</button><button>Leave</button>"
    ),
    "bot drag": (
        "<h1>One more step</h1><p>Drag the slider to fit the piece into the picture, so that we see a "
        "person is here.</p>"
    ),
    "bot hold": "<p>Press and hold the button until it is full.</p><p>Reference 33e-8812-aa</p>",
    "bot wait": (
        "<h1>shop.example</h1><p>Please stand by while we make sure your connection is safe. This takes "
        "five seconds.</p><noscript>Turn on scripts to go on.</noscript>"
    ),
    "429": "<h1>Slow down</h1><p>You have sent too many requests in a short time. Wait a while and try once more.</p>",
    "app noscript": "<noscript>You need to enable JavaScript to run this app.</noscript><div id=app></div>" + SCRIPTS,
    "skeleton": "<div id=__next><div class=skeleton></div><nav><a href=/>Home</a><a href=/p>Pricing</a></nav></div>"
    + SCRIPTS,
    "shell footer": (
        "<header><a href=/>Lumio</a></header><div id=root></div><footer><p>Lumio makes lamps for rooms "
        "of every kind, from Bonn with love since 1999.</p><a href=/t>Terms</a></footer>"
    )
    + SCRIPTS,
    "moved": (
        "<p>Our legal pages live elsewhere now: <a href=https://legal.example/terms>legal.example</a>. "
        "Please follow this link.</p>"
    ),
    "js redirect": "<p>Taking you to the page...</p><script>window.location.replace('/legal/terms')</script>",
    "consent de": (
        "<h1>Wir brauchen Ihre Zustimmung</h1><p>Mit unseren 214 Partnern speichern wir Cookies auf "
        "Ihrem Gerät. Sie können alles ablehnen.</p><button>Alle "
        "akzeptieren</button><button>Ablehnen</button>"
    ),
    "consent fr": (
        "<h1>Vos choix</h1><p>Nous et nos partenaires déposons des cookies pour la publicité. Vous "
        "pouvez continuer sans accepter.</p><button>Tout accepter</button><button>Refuser</button>"
    ),
    "pur abo de": (
        "<h1>Weiter mit Werbung oder im Abo</h1><p>Nutzen Sie lampe.example mit Werbung und Tracking "
        "kostenlos, oder ohne für 3 Euro im Monat.</p><button>Einverstanden</button><button>Zum "
        "Abo</button>"
    ),
    "404 de": "<h1>Hoppla!</h1><p>Diese Seite gibt es leider nicht mehr. Zurück zur Startseite.</p>",
    "404 fr": "<h1>Oups</h1><p>La page que vous cherchez a disparu ou n'a jamais existé. Retour à l'accueil.</p>",
    "500 de": (
        "<h1>Da ist etwas schiefgelaufen</h1><p>Bitte laden Sie die Seite neu oder versuchen Sie es "
        "später noch einmal.</p>"
    ),
    "500 fr": (
        "<h1>Service indisponible</h1><p>Nos équipes travaillent au retour du site. Merci de réessayer plus tard.</p>"
    ),
    "bot de": (
        "<h1>Einen Augenblick bitte</h1><p>Wir prüfen, ob Sie ein Mensch sind. Bitte kreuzen Sie das Kästchen an.</p>"
    ),
    "bot fr": (
        "<h1>Vérification de sécurité</h1><p>Confirmez que vous êtes un humain en cochant la case ci-dessous.</p>"
    ),
    "maint de": "<h1>Gleich wieder da</h1><p>Wir warten gerade unsere Systeme und sind in Kürze zurück.</p>",
    "redirect de": "<p>Sie werden in wenigen Sekunden auf die neue Seite geleitet. Falls nicht, klicken Sie hier.</p>",
    "redirect fr": "<p>Vous allez être dirigé vers la nouvelle page dans quelques secondes. Sinon, cliquez ici.</p>",
    "stack": (
        "<pre>Traceback: NullPointerException at com.lumio.web.PageServlet.render(PageServlet.java:88) "
        "at java.base/java.lang.Thread.run(Thread.java:840)</pre>"
    ),
    "json err": '{"error":{"code":"NoSuchKey","message":"The specified key does not exist.","requestId":"GX12"}}',
    "xml s3": "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>12</RequestId></Error>",
    "nginx": (
        "<h1>Welcome to nginx!</h1><p>If you see this page, the web server is successfully installed and "
        "working. Further configuration is required.</p>"
    ),
    "parked": (
        "<h1>lumio.example</h1><p>This domain is for sale. Make an offer today.</p><a href=/a>Cheap "
        "lamps</a><a href=/b>Lamp shops</a>"
    ),
    "suspended": (
        "<h1>This account has been suspended</h1><p>Please contact the billing department of your host "
        "as soon as you can.</p>"
    ),
    "db": "<h1>Error establishing a database connection</h1>",
    "browser old": (
        "<h1>Your browser is too old</h1><p>Lumio needs a newer browser. Get the current version of one "
        "of these.</p><a href=a>Firefox</a>"
    ),
    "paywall": (
        "<h1>Read on with Lumio Plus</h1><p>Subscribers read everything. Start your free month now and "
        "cancel whenever you like.</p>"
    ),
    "long error": (
        "<h1>We hit a snag</h1><p>The page you wanted could not be put together just now. This happens "
        "now and then when many people arrive at once. Our team has been told and is looking into it. "
        "Please reload the page, go back to the start, or write to the help desk if you keep seeing this "
        "screen for more than an hour.</p>"
    ),
    "long bot check": (
        "<h1>Before you go on</h1><p>Somebody on your network has been opening our pages faster than "
        "people read. To go on, find every picture with a bicycle and press the button below them. If "
        "you cannot see the pictures, switch on scripts and pictures in your browser, turn off "
        "extensions that hide them, and reload. Number of this visit: 77a1-bb.</p>"
    ),
    "long login": (
        "<h1>Welcome back</h1><p>Log in with the address you gave us when you joined, or go on with one "
        "of the services below. New here? Make a profile in less than a minute, it costs nothing. Lost "
        "the password? We will send a new one to your inbox. Stay logged in on this machine only if "
        "nobody else works on it.</p>"
    ),
    "long geo": (
        "<h1>Lumio is coming to you soon</h1><p>We do not ship lamps to the country you are visiting "
        "from. Leave us your address and you will be the first to hear when that changes. Until then "
        "have a look at the shops of our friends, who sell lamps nearly as bright, and follow us for "
        "pictures of new ones.</p>"
    ),
    "long german error": (
        "<h1>Das tut uns leid</h1><p>Die Seite lässt sich im Moment nicht anzeigen. Das kann an sehr "
        "vielen Besuchern liegen oder an Arbeiten an unseren Rechnern. Bitte laden Sie die Seite in "
        "einigen Minuten neu. Wenn es dann noch immer nicht klappt, rufen Sie uns an oder schreiben Sie "
        "uns, wir helfen gern weiter.</p>"
    ),
    "long french wait": (
        "<h1>Salle d'attente</h1><p>Beaucoup de monde visite le site en ce moment. Votre place dans la "
        "file est gardée, laissez cette page ouverte et elle se rechargera toute seule. Le temps "
        "d'attente est de quatre minutes environ. Merci de votre patience, et à tout de suite parmi nos "
        "lampes et nos abat-jour de printemps.</p>"
    ),
}


SHORT = {
    "imprint": page(
        (
            "<h1>Imprint</h1><p>Lumio GmbH, Lampenweg 5, Bonn.</p><p>Court of Bonn, number "
            "12.</p><p>Managing director: Ida Lux. Telephone 0228 12, fax 0228 13. Tax number 55 of Bonn, "
            "sales tax number 77.</p>"
        ),
        "Imprint",
    ),
    "german imprint": page(
        (
            "<h1>Impressum</h1><p>Lumio GmbH, Lampenweg 5, 53111 Bonn. Geschäftsführerin: Ida Lux. "
            "Registergericht Bonn, HRB 12. Telefon 0228 12, Fax 0228 13, E-Mail post@lumio.example.</p>"
        ),
        "Impressum",
        "de",
    ),
    "french imprint": page(
        (
            "<h1>Mentions légales</h1><p>Lumio SAS, 5 rue des Lampes, Lyon. Directrice de la publication : "
            "Ida Lux. Hébergeur : Nuage SA, Paris. Téléphone 04 12, courriel contact@lumio.example, capital "
            "de 5 000 euros.</p>"
        ),
        "Mentions légales",
        "fr",
    ),
    "refund policy": page(
        (
            "<h1>Refund policy</h1><p>You may send a lamp back within 14 days. We refund the price within a "
            "week. You must pay for the parcel. Lamps made to order cannot be sent back by customers.</p>"
        ),
        "Refund policy",
    ),
    "cookie notice": page(
        (
            "<h1>Cookie policy</h1><p>We set one cookie, named session. It keeps you signed in and ends when "
            "you close the browser. We set no other cookie, and no third party sets any.</p>"
        ),
        "Cookie policy",
    ),
    "security contact": page(
        (
            "<h1>Reporting a weakness</h1><p>Write to security@lumio.example. We answer within three days "
            "and take no legal steps against people who report in good faith and harm no user.</p>"
        ),
        "Security",
    ),
    "subprocessors": page(
        (
            "<h1>Subprocessors</h1><table><tr><th>Name<th>Purpose<th>Place<tr><td>Nuage "
            "SA<td>Hosting<td>France<tr><td>Postbote GmbH<td>Email<td>Germany<tr><td>Cloudly "
            "Inc<td>Backups<td>Ireland<tr><td>Paywell Ltd<td>Payments<td>Malta<tr><td>Helpful "
            "BV<td>Answering customers<td>The Netherlands</table>"
        ),
        "Subprocessors",
    ),
    "licence": page(
        (
            "<h1>Licence</h1><p>You may use, copy and change this content for any purpose, if you name us. "
            "We give no warranty. This licence ends when you break it, and we may change it for new "
            "versions.</p>"
        ),
        "Licence",
    ),
}
