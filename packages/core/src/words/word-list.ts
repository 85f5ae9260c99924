/** So many words: each stands for 11 bits. */
export const WORD_COUNT = 2048;

/**
 * Short English words for secrets on paper, in alphabetical order; a word's place is what it stands for. No two begin with
 * the same four letters, so those are enough to tell them apart. The list is part of the protocol and never changes.
 */
export const WORDS: readonly string[] = `
abbey able about above absent accent acid acorn acre across actor acute adapt adjust admire adobe adopt adult advice
aerial afar afraid after again agent agile ahead aim airport alarm album alert alley allow almond aloe alone alpine
altar always amber amble amount ample amuse anchor angel angle animal ankle annual answer ant antenna apart apple
apron arcade arch arena argue armor aroma around arrow artist ashore aside asleep aspen asset aster atlas atom attic
auburn audio august aunt author autumn avenue avocado avoid awake award away awful baby bacon badge bag baker
balance bamboo banana bandage bank banner bar barber bargain barley barn barrel basil basket bath batter bay beach
bead beam bean bear beaver become bedroom bee beef beetle before begin behind being belief bell belong belt bench
bend berry best better between beyond bicycle big bike bill bind biology birch bird birth biscuit bishop black blade
blank blast blaze blend bless blind block blond bloom blossom blouse blow blue board boat body boil bolt bone
bonfire bonus book boost border borrow bottle bounce bow bowl box boy bracket brain branch brass brave bread breeze
brick bridge brief bright brisk broad bronze brook brother brown brush bubble bucket budget buffalo buggy build bulb
bull bundle bunny burger burst bus bush busy butter buyer buzz cabbage cabin cable cactus cage cake calm camel camp
canal candle cane canoe canvas canyon captain car caravan carbon card cargo carpet carrot cart carve cashew castle
casual catalog cattle cause cave cedar ceiling celery cell cement center cereal certain chain chalk champion chapter
charm chase cheese chef cherry chest chicken chief child chimney china choice choose chorus cider cigar cinema
circle citizen city civil claim clam clap class clay clean clerk clever click cliff climb clinic clip cloak clock
close cloth cloud clover clown club clue cluster coach coal coast coat cobra cocoa code coffee coil coin cold collar
comb come comfort common company concert cook cool copper copy coral cord cork corn correct cosmic cost cottage
couch cough count cousin cover cow coyote crab cradle craft crane crater crayon cream credit creek crew cricket
crisp crop cross crowd cruise crumb crush crystal cube cucumber cuff culture cup curb cure curl current curtain
curve cushion custom cycle daisy damp dance danger dark dash data date dawn day deal debate decade decide deck deep
deer defend degree delay deliver demand dense depart deputy desert design desk detail develop device dial diamond
diary dice dictate differ digit dinner dip direct disc dish distance ditch dive divide dock doctor dog doll dolphin
domain dome donkey door dose double dough dove down dozen draft dragon drama draw dream dress drift drill drink
drive drop drum dry duck dune during dusk dust duty dwarf dwell eager eagle early earn earth easel east easy echo
eclipse ecology economy edge edit effort egg eight either elastic elbow elder elect elegant element elephant elevate
elite elm else embark ember embrace emerald emotion empire employ empty enable enamel end energy engine enjoy enough
ensure enter entire entry envelope equal equip erase errand error escape essay estate ethics even ever evidence
evolve exact example excel exchange excite exercise exhibit exist exit exotic expand expert explain expose express
extend extra eye fabric face factory fade faint fair faith falcon fall family famous fancy farm fashion fast father
fault favor feast feather federal fee feed feel fellow felt fence fern ferry fetch fever few fiber fiddle field
fifty fig figure file film filter final find fine finger finish fire firm first fish fit five fix flag flame flash
flat flavor fleet flesh flight flint float flock flood flour flow fluid flute fly foam focus fog foil fold follow
food foot forest forget fork form fortune forum fossil found four fox fragile frame free freight fresh friend fringe
frog front frost frown frozen fruit fuel full fun funnel fur furnace future gadget galaxy gallery game garage garden
garlic garment gas gate gather gauge gaze gear gem general genius gentle genuine geology gesture giant gift giggle
ginger giraffe girl give glacier glad glance glass glide globe gloom glory glove glow glue goal goat gold golf good
goose gorilla gossip govern gown grace grain grand grape grass gravity gray great green grid grin grip grit grocer
group grove grow guard guess guide guitar gulf gull gum gymnast habit hair half hall hammer hamster hand happy
harbor hard harvest hat haven hawk hay hazel head health heart heat heavy hedge height helium hello helmet help hen
herb herd hero hidden high hill hint hip hire history hive hobby hockey hold hole holiday hollow holy home honest
hood hook hope horizon horn horse hospital host hotel hour house hover hub huge human humble humor hundred hungry
hunt hurdle hurry husband hut hybrid hydrogen hymn ice iceberg icon idea identify idle igloo ignore image imitate
immense immune impact import improve inch include income increase index indoor industry infant inform ink inlet
inner input insect inside inspire intact interest into invest invite iris iron island isolate item ivory ivy jacket
jade jaguar jam january jar jasmine java jazz jeans jeep jelly jersey jet jewel jigsaw job jog join joke jolly
journey joy judge juice july jump june jungle junior jury just kale kangaroo karate kayak keen keep kettle key kick
kidney kind king kiosk kitchen kite kitten kiwi knee knife knit knock knot know koala label labor lace lack ladder
lady lagoon lake lamb lamp land lane language lantern lap large laser last latch later latin laugh laundry lava
lavender lawn layer lazy lead leaf league lean learn leash leather leave lecture left legal legend leisure lemon
lend length lens leopard lesson letter level liberty library lid life lift light like lilac lily lime limit linen
lion lip liquid list little live lizard llama load loaf loan lobby lobster local lock lodge logic lonely long look
loop lord lotion lotus loud lounge love low loyal lucky luggage lunar lunch lung luxury lyric machine magic magnet
maid mail main major make mammal manage mango manner manual maple marble march margin marine market marsh mask mason
master match math matrix matter maximum maybe mayor maze meadow meal mean measure meat medal medium meet mellow
melody member memory mend menu mercury merge merit merry mesh message metal method middle midnight migrate mild milk
mill mimic mind mineral minimum minor mint minute miracle mirror miss mist mitten mix mixture moat mobile model
module moment monday money monkey month moon moose moral more morning mosaic mosquito moss most motel mother motion
mount mouse mouth move movie much mud muffin mule multiply muscle museum mushroom music must mutual myself mystery
myth nail name napkin narrow nation nature navy near neat neck need neglect neighbor neither nerve nest net network
neutral never new next nickel night nimble nine noble nod noise nomad none noodle noon normal north nose notable
note nothing notice novel now number nurse nut oak oasis oats obey object oblige observe obtain obvious occur ocean
october odor off offer office often oil okay old olive olympic omega omit once onion online only opal open opera
opinion oppose option orange orbit orchard order ordinary organ orient origin ostrich other otter ounce outdoor
outer outline oval oven over owl owner oxygen oyster ozone pacific pack paddle page paint pair palace pale palm
panda panel panic panther paper parade parcel parent park parrot party pass pasta patch path patio patrol pattern
pause pave payment peace peak peanut pear pebble pedal pelican pen pencil penguin people pepper perfect perhaps
permit person pet phase phone photo phrase physics piano picnic picture piece pig pigeon pillow pilot pine pink
pioneer pipe pirate pitch pivot pizza place plain planet plaster plate play plaza pleasure pledge plenty pluck plug
plum plus pocket poem poet point polar pole police polo pond pony pool poplar popular porch port position possible
post potato pottery pouch pound powder power practice praise predict prefer prepare present pretty prevent price
pride primary print prior prism private prize problem process produce profit program project promote proof proper
prosper proud provide public pudding pull pulse pump punch pupil puppet purchase purple purse push puzzle pyramid
python quail quality quantum quarter queen query quest quick quiet quilt quit quiz quota rabbit race rack radar
radio raft rail rain raise rally ramp ranch random range rapid rare raspberry rate rather raven raw razor reach
ready real reason rebel recall receive recipe record recycle reduce reef refer reflect region regular reject relax
release relief rely remain remember remote render renew rent reopen repair repeat reply report rescue resist resort
respect result retire retreat return reunion reveal review reward ribbon rice rich ride ridge rigid ring rinse ripe
ripple rise risk ritual rival river road roast robe robin robot robust rock roll romance roof rookie room root rope
rose rotate rough round route rover row royal rubber ruby rude rug ruin rule run runway rural rush rust rye sack
saddle safari safe saga sail saint salad salmon salon salt salute same sample sand satin sauce sausage save savor
saw scale scan scarf scatter scene scheme school science scissors scoop score scout scrap screen script scrub
sculptor sea seal search season seat second secret section security seed seek segment select self seller senate
senior sense sentence separate series service session settle seven shade shallow shape share sheep shelf sheriff
shield shift shine ship shirt shoe shop shore shoulder shovel show shrimp shrub shuffle shy sibling side sight sign
silence silk silly silver similar simple since sing siren sister site six size skate sketch ski skill skin skirt
skull sky slab sleep slender slice slide slim slipper slogan slope slot slow slush small smart smell smile smoke
smooth snack snail snake snap sneeze snore snow soap soccer social sock soda sofa soft soil solar soldier solid solo
solve someone sonar song soon sorbet sort soul sound soup source south soy space spare spatial speak special speed
spell spend sphere spice spider spike spin spiral splash sponge spoon sport spot spray spring spruce spy square
squid stable stadium staff stage stair stamp stand star state stay steak steel stem step stereo stick still sting
stitch stock stomach stone stool store stove strap street strike strong stubble student stuff stumble sturdy style
subject submit subway success such sudden suffer sugar suggest suit sultan summer sun sunny super supply sure surf
surprise survey sushi suspend swallow swamp swan swap swarm sweet swift swim swing switch sword symbol symptom syrup
system table tackle tadpole tail talent talk tall tango tank tape target tart task taste tavern taxi teach team
teapot tear tease teeth tell temple ten tenant tender tennis tent term terrace test text thank theater theme thick
thing thirst thorn three thrive throne thumb thunder ticket tide tidy tiger tilt timber time timid tin tiny tip
tissue title toast today toe toffee together token tomato tomorrow tone tongue tool tooth topic torch tornado
tortoise total touch tough tour toward towel town toy track trade traffic train transfer trap travel tray treat tree
trek trend trial tribe trick trim triple trolley trophy trouble truck true trumpet trunk trust truth try tube
tuesday tulip tumble tuna tune tunnel turbine turkey turn turtle tutor tweed twelve twenty twice twig twin twist two
type typical ukulele umbrella unable uncle under unfold unhappy uniform unique unit universe unknown unless unlock
until unusual unveil update upgrade uphold upon upper upright upset urban urge usage use useful usual utility utmost
vacant vacuum vague valid valley value valve van vanilla vapor various vast vault vector vehicle veil vein velvet
vendor venture venue verb verify version very vessel veteran vibrant victory video view village vine vintage violet
virtual visa visit visual vital vivid vocal voice void volcano volume vote vowel voyage vulture waffle wage wagon
waist wait walk wall walnut walrus waltz wander want warm warrior wash wasp waste watch water wave wax way wealth
wear weasel weather web wedding weekend weigh welcome west wet whale wheat wheel when where whisper white whole wide
width wife wild will wind wine wing wink winner winter wire wisdom wise wish witness wizard wolf woman wonder wood
wool word work world worm worth wrap wreath wrestle wrist write wrong yacht yard yarn yawn year yeast yellow yield
yoga yogurt young youth zebra zenith zero zest zigzag zinc zipper zodiac zone zoom
`
  .trim()
  .split(/\s+/);
