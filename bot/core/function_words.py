"""Words that ask, and do not say about what: who, where, it, is, can.

A closed class: no editor adds to it, and no new topic makes it longer.  Written without dots, spoken forms too.
"""

from collections.abc import Mapping
from typing import Final

from bot.core.phrases import SMALL_WORDS

_FINNISH: Final = (
    # who, what, where, when, how
    "kuka kukas keta kenen kenet kenelle kenella kenelta ketka keita mika mikas mita mitas mitka mista mihin minne"
    " missa missas mis milla mille milta millainen millaista millaisia kumpi milloin millon millo koska miten mites"
    " miksi miks kuinka paljonko monta montako"
    # I, you, it, this, somebody
    " mina ma minun mun minua mua minulle mulle minulla mulla minusta musta minut mut sina sa sinun sun sinua sua"
    " sinulle sulle sinulla sulla han hanen he heita me meita meidan meilla te teita teidan teilla se sen sita siina"
    " siita siihen sille silla ne niita niiden tama taa taman tan tata tassa tasta tahan tuo toi tuon ton tuota nama"
    " nuo noi joku jokin jotain jotakin kukaan ketaan mitaan kaikki muut muita muille sellainen semmonen tallainen"
    " tommonen"
    # there, here
    " siella siel sielta sinne taalla taal taalta tanne tuolla tuol"
    # to be, can, may, must, to do
    " on onko onks ole oo oli oliko ollut ollu olla ollaan ovat olen oon olenko oonko olet oot oletko ootko olette"
    " ootte olisi en et ei enko eiko eiks voi voiko voin voinko voisi voisiko saa saako saan saanko pitaa pitaako"
    " pitaisi pitaisiko taytyy taytyyko tarvii tarviiko tarvitsee tarvitseeko teen tee tekee teette tehda tehdaan"
    # and, but, only, really
    " ja jo jos tai vai kun kuitenkin mutta etta eli vaikka niin nii niinku siis no nyt sit sitte sitten taas viela"
    " myos edes aina vaan vain ihan tosi todella oikein oikeasti oikeesti melko liian enemman vahan vah enta entas"
    " ehka kai varmaan silti jotenkin jotenki"
)
_SWEDISH: Final = (
    "vem vems vad vilken vilket vilka var vart nar hur varfor"
    " jag mig min mitt mina du dig din ni er ert vi oss man han hon det den de dem dom detta denna dessa en ett nagon"
    " nagot nagra nan nat ingen inget alla andra"
    " dar da har nu sen"
    " ar var varit blir blev bli kan far maste ska skulle vill vore borde finns har gor gora"
    " och eller men att som om for pa i av till med inte bara ocksa anda ju nog val kanske redan fortfarande sa jatte"
    " lite ganska riktigt verkligen"
)
_ENGLISH: Final = (
    "who whom whose what which where when why how"
    " i im ive id me my you your u we us our they them their it its this that these those someone something anyone"
    " anybody anything everyone everything others other a an the any some no"
    " there here"
    " is are am was were be do does did can could may must should shall will would have has had need"
    " and or but if so to of in on at for about like now then still yet also just only even not dont too very really"
    " quite bit little maybe well"
)

FUNCTION_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "fi": SMALL_WORDS.union(_FINNISH.split()),
    "sv": SMALL_WORDS.union(_SWEDISH.split()),
    "en": SMALL_WORDS.union(_ENGLISH.split()),
}
"""Language -> its function words, the small ones of politeness among them."""
