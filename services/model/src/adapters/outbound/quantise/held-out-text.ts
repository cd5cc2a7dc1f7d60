const lines = `The ferry to the island left twenty minutes late because a lorry with beehives had to be
turned round on the quay. The driver was not worried. He said that bees sleep when it is dark and that the hold of a
ship is darker than any night, so they would notice nothing. The sailors did not believe him and walked past the lorry
on their toes. When we came out of the harbour the wind was behind us, and for the first hour there was nothing to do
but to look at the coast getting smaller and to eat the sandwiches that were meant for the evening.

My grandmother had lived on the island until she was nineteen. She left it with one suitcase and a letter of
recommendation from the priest, which she never showed to anybody because he had spelled her name wrong. In the city
she found work in a shop for lamps. She used to say that she had sold light to half of the people she knew, and that
most of them had wanted the cheap kind. When she was old she began to tell us about the island again: how the wells
tasted of iron, how the children were sent to bring the goats down before a storm, and how one winter the sea had
frozen so far out that the men walked to the lighthouse with a cake for the keeper's birthday.

We had expected to find her house in ruins. Instead there was a young couple in it who repaired clocks. They had come
for a summer eight years ago and had stayed, since the island, as the woman put it, was the only place where nobody
asked them what time it was. They gave us coffee and showed us the beam over the stove in which three generations had
cut the heights of their children. We found my grandmother at the age of seven, and of nine, and then not again. In
the year in which she was eleven, the woman told us, the school had got a proper ruler, and people had stopped marking
the beam.

How a sourdough is kept alive. Mix equal weights of flour and water in a jar, cover it loosely, and leave it in a warm
corner of the kitchen. Once a day throw half of it away and replace what you took with fresh flour and water. After
three days it smells of wet paper, after five of vinegar, and after a week of apples, which is when you can begin to
bake with it. The throwing away is not a waste: a starter that is only fed, and never reduced, soon needs a bucket. If
you go on a journey, put the jar into the refrigerator, where it sleeps for two weeks and forgives you for three. A
grey liquid on top is harmless and can be stirred in. A pink or orange colour is not harmless, and then you have to
start again from the beginning.

For the bread itself take five hundred grams of flour, three hundred and fifty of water, a hundred of the starter and
ten of salt. Stir everything together until no dry flour is left, wait half an hour, and then fold the dough four
times, with half an hour between the folds. It will change under your hands from a sticky heap to something smooth that
holds its shape. Let it rise until it has grown by half; in a cold kitchen that can take until the next morning. Bake
it in a hot pot with the lid on for twenty minutes, and without the lid for another twenty. Do not cut it while it is
warm. Nobody has ever followed this advice, but it is good advice.

From the minutes of the allotment society. The chair opened the meeting at seven and welcomed fourteen members. The
treasurer reported that the society had 412 pounds in the bank, of which 90 were owed to the man who had mended the
pump. Mr Okafor asked whether the pump had in fact been mended, as it had made the same noise this morning as before.
The chair said that it was a different noise. A vote was taken on the proposal to keep hens. Six members were for it,
five against, and three did not want to vote before they knew who would feed the hens on Sundays. The proposal was
adjourned. Mrs Lindqvist reminded everybody that the hose was to be rolled up after use and not left where a person
with a wheelbarrow could not see it. The meeting closed at ten past eight, and the remaining biscuits were divided.

Tides are caused by the moon and, to a smaller part, by the sun. The moon pulls at the water on the side of the earth
that faces it a little more strongly than at the earth as a whole, and at the water on the far side a little less. So
the ocean is drawn out into a long shape with two bulges, and the earth turns beneath them once a day. A place on the
coast passes both, which is why most shores have two high tides a day and not one. When sun and moon stand in a line,
at new moon and at full moon, their pulls add up and the range between high and low water is greatest. A week later
they stand at right angles, and the range is smallest. The shape of the coast does the rest: in a narrow bay the water
has nowhere to go but up, while in a sea that is almost closed, such as the Mediterranean, there is hardly any tide at
all, and visitors wonder why the boats are tied so short.

The letter came on a Tuesday, between a bill and an invitation to have our windows cleaned. It was addressed to a
Mr Halloran, who had never lived in our house, and it had been on its way for thirty-one years. The stamp showed a
king who had died since. My father held it against the lamp, which is a thing he had told us never to do, and then he
put it on the shelf behind the clock. "Somebody will ask for it," he said. Every few months one of us took it down and
turned it over. We made up what was in it. My brother was sure that it was about a horse. My mother thought that
it was an apology, because the writing became smaller towards the end of each line. I was nine and believed that it
had been sent to the house itself.

When we sold the house we left the letter where it was and wrote a note to the new owners, asking them to keep it a
while longer. They did better than that. They put an advertisement into three newspapers, and in the spring an old
woman came from the other end of the country with a small dog in a basket. She was Mr Halloran's daughter. She opened
the letter in our old kitchen, standing, with her coat on. Then she laughed until she had to sit down. It was about a
horse.

Before you telephone the support line, please try the following. Make sure that the device is connected to the mains
and that the switch on the back is in the upper position. If the light in front does not come on within ten seconds,
remove the plug, wait for half a minute, and connect it again. A light that blinks slowly means that the device looks
for its network; this may take several minutes the first time. A light that blinks fast means that the network was
found but the password was refused. Passwords distinguish between small and capital letters, and the figure zero is not
the letter O. If you have moved the device to another room, a thick wall or a fish tank may be in the way. Should none
of this help, write down the number on the label before you call, because the label is underneath, and our colleagues
will ask you for it.

The old bridge has five arches and no two of them are alike. The engineers who measured it last summer found that the
second one from the north is a hand wider than the drawings say, and that the stones in its crown are younger than the
rest by about two hundred years. There must have been a flood of which no record has survived, or a builder who did not
wish to be found out. The town council has now to decide whether lorries may go on crossing it. The butcher is for it,
since the other way to the slaughterhouse takes an hour. The school is against it. The engineers, asked for their
opinion, said that a bridge which has stood for six centuries knows more about standing than they do, but that they
would prefer to look at it from the bank when the first heavy lorry drives over it.

"You never listen," she said. "I do listen," he said, and repeated her last three sentences word for word, in the right
order, with the pauses. She thought about it. "That is not listening," she said then. "That is remembering." He had no
answer to this, and it went on working in him during the whole of the long drive, past the reservoir and the quarry,
past the field where they had once seen a balloon land, until at last, at the level crossing, while they were waiting
for a goods train that would not end, he asked her what she had meant.
`;

/** English prose written for Parley, of several kinds; licensed as Parley is. A paragraph is one line, as models know it. */
export const heldOutText = lines.replaceAll(/([^\n])\n(?!\n)/g, '$1 ').trim();
