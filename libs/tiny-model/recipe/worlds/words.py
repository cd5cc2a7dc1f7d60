"""The words the worlds are made of: people, values, things."""

NAMES = """Mara Tom Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Mia Noah Olivia Paul
Quinn Rosa Sam Tina Uma Victor Wendy Xavier Yara Zoe Adam Bella Carl Diana Eric Fiona George Hanna Ivan
Julia Kevin Laura Mark Nina Oscar Petra Ralf Sofia Theo Ursula Vera Walter Alice Bob Carol Dan Eva Frank
Gina Hugo Iris James Karen Linda Max Nora Otto Peter Rita Simon Tara Vince Will Yusuf Amir Aisha Chen Dmitri
Elena Farid Giulia Hiro Ingrid Jorge Kofi Lars Mei Nadia Omar Pablo Raj Sana Tariq Umberto Viktor Wei Yuki
Zara Aaron Bianca Cyrus Dora Elias Freya Gustav Helen Isaac Jonas Katya Liam Matteo Nils Orla Pia Rahul
Selma Tomas Vivian Wanda Xenia Yannick Zelda Abigail Bruno Celine Dylan Esther Finn Gloria Hector Isabel
Jamal Kira Lucas Monica Nathan Odette Philip Rachel Stefan Teresa Ulrich Vanessa William Yasmin Zachary
Alex Chris Jordan Robin Taylor Morgan Casey Jamie Riley Lee Kim Ali Hassan Fatima Leila Mohammed Maria
John Mary Robert Patricia Michael Jennifer Susan Joseph Thomas Sarah Charles Nancy Daniel Lisa Anthony
Betty Steven Dorothy Andrew Sandra Joshua Ashley Kenneth Donna Brian Emily Edward Michelle
Aaliyah Abdullah Adele Agnes Ahmed Akira Albert Aleksander Alfred Amanda Amelie Anders Andrea Angus Anita Annika Antonio
Archie Arjun Arthur Astrid Audrey Aurora Barbara Barnaby Beatrice Benedikt Bernd Bettina Bjorn Bogdan Boris Bridget Brigitte
Camille Carlos Cassandra Cecilia Cedric Charlotte Christoph Claudia Colin Conrad Cornelia Cosmo Daphne Deepak Delphine Derek
Dieter Dominic Duncan Edgar Edith Eduardo Eleanor Elliott Elsa Emil Emmanuel Enrique Erika Ernst Eugene Evelyn Fabian
Fatou Ferdinand Fernanda Fleur Florian Francesca Frederik Friedrich Gabriel Gareth Geoffrey Gerald Gianni Giovanni Gordon
Greta Gunnar Gwen Hannah Harriet Harry Heidi Heinrich Hilda Holger Ibrahim Ignacio Ilse Imogen Indira Isla Jasper Javier
Jessica Joachim Johanna Joyce Judith Jurgen Kamala Katarina Kathleen Keith Khalid Klaus Kristof Kumar Kwame Lakshmi Lambert
Laszlo Laurence Leonora Lionel Lorenzo Lothar Louise Ludwig Lydia Madeleine Magnus Malcolm Malik Marcus Margaret Marguerite
Marianne Martha Matthias Maximilian Mehmet Melissa Mercedes Mikhail Miranda Mohan Muriel Naomi Natasha Neville Nicolas Nikita
Nigel Octavia Olaf Oleg Oliver Ophelia Osman Oswald Pamela Parvati Pascal Patrick Pauline Penelope Percy Phoebe Pierre Pilar
Poppy Prakash Ramon Rebecca Reinhard Ricardo Roland Rosalind Rowena Rupert Sabine Salma Samantha Sebastian Sergei Shirin
Siegfried Sigrid Simone Solveig Stella Stuart Svetlana Sylvia Takeshi Tatiana Thaddeus Theresa Timothy Tobin Ulrike Valentina
Veronica Vladimir Wilhelm Wolfgang Xiomara Yolanda Yvonne Zahra Zsofia""".split()
SURNAMES = """Smith Miller Lopez Rossi Novak Kowalski Larsen Okafor Tanaka Singh Patel Nguyen Keller Berger
Dubois Moreau Jansen Ivanov Haddad Silva Costa Brown Walker Young Green Stone Carter Bauer""".split()
SYLLABLES = """ba be bi bo ca ce ci co da de di do el en er fa fi ga go ha he hi ho il in jo ju ka ke ki ko la le
li lo lu ma me mi mo mu na ne ni no nu ol or pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu ul un va
ve vi vo wa we wi xa ya yo za ze zi zo bra cle dri fen gar hal jen kel lin mar nor pel quin ras sten tor vel
win zan cha thi sha phi""".split()
SYLLABLE_ENDS = "n r s l th m k x t d na ra la ne ia ius on an el is us a o e i y".split()
# Sounds of invented words.
ONSETS = "b br bl c ch cl cr d dr f fl fr g gl gr h j k kh kl kr l m n p ph pl pr qu r rh s sch sh sk sl sm sp st str sv t th tr v w wh x y z zh".split()
NUCLEI = "a a a e e e i i o o u y aa ae ai au ay ea ee ei eu ia ie io oa oo ou ue".split()
CODAS = "b ck d ff g k l ll lk lt m mm n nd ng nn nt p pp r rk rr rt s ss st t th tt tz x z".split()
ZH_SURNAMES = list("王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈")
ZH_GIVEN = list("伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚玲丽梅华云雪文红小宁安乐晨秀英建国志海峰浩宇轩子涵欣怡佳琪思嘉慧莹雨桐天翔俊辉凯博鹏飞龙春兰桂珍玉婷瑶倩颖琳洁萍东振家豪一然若诗梦月星河山川青松柏新光永康德仁义正")

# slot: (words for it in a question, known values)
FAVOURITES = {
    "colour": ("colour color", "red green blue yellow orange purple pink brown black white grey violet gold silver beige"),
    "food": ("food dish meal", "pizza pasta rice bread soup curry sushi cheese noodles salad burgers tacos dumplings pancakes"),
    "animal": ("animal", "cat dog horse owl fox bear wolf tiger dolphin rabbit penguin elephant turtle eagle panda"),
    "drink": ("drink beverage", "tea coffee water milk cocoa juice lemonade cola beer wine cider"),
    "city": ("city town", "Paris London Berlin Rome Madrid Oslo Vienna Prague Lisbon Dublin Tokyo Cairo Lima Boston"),
    "number": ("number", ""),
    "sport": ("sport", "tennis football chess hockey rowing swimming running cycling golf skiing boxing yoga cricket"),
    "season": ("season", "spring summer autumn winter"),
    "fruit": ("fruit", "apple pear plum cherry mango banana grape lemon peach kiwi melon fig"),
    "book": ("book film movie song", ""),
}
ZH_SLOTS = {
    "颜色": "红色 绿色 蓝色 黄色 紫色 黑色 白色",
    "食物": "米饭 面条 饺子 面包 蛋糕",
    "动物": "猫 狗 马 鸟 熊 老虎",
    "城市": "北京 上海 广州 成都 西安",
    "水果": "苹果 香蕉 桃子 西瓜",
    "数字": "",
}
HOBBIES = """reading painting hiking cooking fishing dancing singing gardening swimming climbing knitting
photography music travelling sailing surfing baking writing drawing jogging camping skating""".split()
JOBS = """teacher nurse baker driver farmer doctor lawyer painter plumber writer waiter student engineer
programmer designer carpenter pilot cook chemist gardener judge librarian tailor sailor singer""".split()
RELATIONS = """dog cat horse parrot hamster brother sister mother father son daughter friend boss neighbour
cousin wife husband aunt uncle teacher""".split()

NOUNS = """apple arm army artist atom baby bag ball bank basket battle beach bed bee bell bicycle bird boat body
bone bottle box brain bread bridge brush bus butter cake camera camp candle car card carpet castle cause
chair chalk cheese child church circle city clock cloth cloud coat coffee coin comet company computer cook copper
corn cotton country cow crown cup curtain dance day desert desk diamond disease doctor door dragon dream dress
ear earth egg electron empire eye face factory farm feather field film finger fire fish flag floor flower
forest fork friend frog galaxy game garden gas ghost gift glass goat gold government grass guitar hair hammer hand
hat head heart hill history hospital hotel house ice idea island jacket jewel job juice jungle king kitchen
knife lake lamp law leaf leg letter library lion lock machine magnet map market match meal meat metal
milk mirror money monkey month moon mother motor mountain mouse movie muscle museum music nail needle nest
newspaper night nose nut ocean office oil onion opera orchestra oven owl page paint palace paper parachute park party
pen pencil people pepper phone photo piano picture pig pillow pilot pipe planet plant plate play poem poet
poison police potato prison prize pump queen rabbit radio railway rain reason religion restaurant ring river robot rock
roof room root rope rule sail salt sand school science sea season secret seed shadow sheep ship shirt shoe shop
shoulder silk silver sister skin sky snake snow soap soldier song soup space spider spoon sport spring stamp star
station steam steel stomach stone store storm story street sugar summer sun swim table tail taxi tea teacher team
television temple tennis tent theatre theory thread throat thumb ticket tiger time toe tongue tooth tower town toy
train tree trumpet tunnel turtle uncle universe umbrella vaccine valley van vegetable village violin virus voice
volcano wall war watch water wave weather week whale wheel whistle wind window wine winter wire wolf wood wool word
world worm year zebra football football-match election laptop keyboard printer browser website router password
mortgage visa passport tax pension salary recipe sauce garlic tomato cinnamon marathon yoga""".split()
ADJECTIVES = """angry bad beautiful best better big bitter black blue brave bright broken brown busy cheap clean clear
clever cold cool dark dead deep dirty dry early easy empty fast fat fine flat free fresh full funny good great green
grey happy hard heavy high hot kind large late lazy light long loud low lucky modern narrow new nice noisy old open
orange perfect pink poor purple quick quiet red rich round sad safe salty sharp short sick simple slow small smart
soft sour special strange strong sweet tall thick thin tired ugly warm weak wet white wide wild wise wrong
yellow young famous ancient common""".split()
VERBS = """bake boil break build burn buy carry catch change choose clean climb close collect cook count cross cut
dance design draw drink drive dry earn eat fall feed feel fight fill find fix fly fold follow forget freeze grow hang
heat hide hold hunt invent invite jump keep kick kill learn leave lift lose love make measure meet melt mend mix move
open paint pay plant play press print pull push raise ride ring roll run sail sell sew shake shoot show sing sleep
slide smell sort spend spin stand steal stop study swim teach test throw touch train travel turn use visit walk
wash wear weigh win wrap write""".split()
PLACES = """France Germany Italy Spain Portugal Poland Norway Sweden Finland Iceland Ireland Scotland England Greece
Turkey Egypt Kenya Nigeria Morocco India China Japan Korea Vietnam Thailand Australia Canada Mexico Brazil Peru
Chile Argentina Russia Ukraine Switzerland Austria Hungary Denmark Belgium Cuba Israel Iran Texas California Alaska
Africa Europe Asia Antarctica America Sydney Moscow Berlin Vienna Rome Athens Venice Chicago Mars Venus Jupiter
Saturn Neptune Mercury""".split()
PEOPLE = """Einstein Newton Darwin Mozart Beethoven Bach Shakespeare Goethe Picasso Rembrandt Caesar Cleopatra
Columbus Galileo Plato Aristotle Confucius Gandhi Lincoln Washington Churchill Tesla Edison Curie Turing Hawking Elvis
Madonna Messi Ronaldo Obama Homer Dante Tolstoy Orwell Tolkien Hamlet Batman Sherlock""".split()
PRODUCTS = """Linux Windows Android iPhone Photoshop Excel Word Chrome Firefox Java Rust Python Ruby Swift
Docker Jenkins Terraform Ansible Oracle MongoDB MySQL SQLite RabbitMQ Nginx Apache GitHub GitLab Slack Zoom Netflix
Amazon Google Facebook Twitter Tesla Microsoft Apple Nvidia Bitcoin Ethereum Wikipedia ChatGPT Gemini Siri
Alexa""".split()
ZH_TOPICS = """宇宙 火车 机票 北极 沙漠 熊猫 大象 鲸鱼 咸鱼 香水 衣服 裤子 鞋子 帽子 手表 眼镜 牛奶 面包 蔬菜 西红柿 土豆 辣椒 米酒 啤酒 茶叶 火锅 早餐 晚饭 钢琴 吉他 舞蹈 油画 书法 京剧 相机 空调 冰箱 洗衣机 自行车 地铁 高铁 桥 塔 寺庙 公园 博物馆 图书馆 医院 银行 超市 邮局 酒店 机场 城堡 皇帝 孔子 秦始皇 爱因斯坦 牛顿 莎士比亚 贝多芬 德国 英国 俄罗斯 印度 巴西 埃及 非洲 欧洲 澳大利亚 纽约 伦敦 东京 太平洋 长江 泰山 火山 地震 台风 雪 彩虹 闪电 空气 水 石油 黄金 钻石 铁 化学 生物 哲学 法律 政治 战争 和平 爱情 婚姻 孩子 父母 朋友 邻居 老板 工资 税 房租 保险 护照 签证 考试 作文 论文 翻译 语法 密码 病毒 疫苗 感冒药 头痛 失眠 减肥 瑜伽 篮球 乒乓球 游泳 围棋 象棋 游戏 电视剧 动画 歌手 演员 作家 总统 国王 天气 月亮 太阳 法国 日本 美国 长城 黄河 历史 音乐 电影 足球 数学 物理 股票 新闻 医生 汽车 飞机 手机
电脑 咖啡 大海 诗歌 小说 老师 学校 工作 旅游 地球 星星 恐龙 健康 感冒 房子 经济 英语 唐朝 李白 红楼梦 机器人""".split()


def copied_values() -> set[str]:
    """Gives, in lower case, the words that users tell and the model copies: they get no token of their own."""
    favourites = [value for _, known in FAVOURITES.values() for value in known.split()]
    return {word.lower() for word in [*NAMES, *SURNAMES, *NOUNS, *HOBBIES, *JOBS, *PLACES, *favourites]}
