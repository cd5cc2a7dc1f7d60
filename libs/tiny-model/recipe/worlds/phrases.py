"""How people tell and ask things about themselves, greet, thank and complain. <x> is the value, <s> the slot."""

TELL_NAME = [
    "my name is <x>", "my name's <x>", "I am <x>", "I'm <x>", "call me <x>", "[please|you can|you may|just] call me <x>", "the name is <x>", "the name's <x>", "this is <x>",
    "<x> here", "it's <x>", "people [usually|mostly|always|] call me <x>", "[everyone|everybody|my friends|my family|they all] [calls|call] me <x>", "I am called <x>", "I go by <x>", "I [want|would like|'d like] to be called <x>",
    "let me introduce myself[:| ,] I am <x>", "my first name is <x>", "name: <x>", "my name is <x>, [what is yours|nice to meet you|and I am new here|and you|pleased to meet you]", "remember that my name is <x>", "please remember my name[:|,] <x>",
    "you are [talking|speaking|chatting] [to|with] <x>", "here is <x>", "<x> is my name", "my parents named me <x>", "I'm <x>, [nice to meet you|hello|who are you|pleased to meet you]", "note that I am <x>",
    # The bare forms again, so that they are not taken for a mood ("I'm sad").
    "I'm <x>", "I'm <x>", "I am <x>", "[hi|hello|hey], [I'm|I am|it's|this is|my name is] <x>", "<x> is what [people|they|my friends] call me", "[feel free to|you may] [call|name] me <x>", "my nickname is <x>", "name is <x>", "I was named <x>",
    "the user is called <x>", "everybody knows me as <x>", "I answer to <x>", "[the name of your user is|your user is called] <x>", "[simply|just] <x> is fine [as a name|for me]", "I'm <x> and I [am new here|have a question|need some help|like it here]", "they named me <x>", "I am known as <x>",
    "I'm <x>, [what can you do|how are you|can you help me]", "my given name is <x>", "let me tell you my name: <x>", "you should know that [I am|I'm|my name is] <x>", "[write down|keep in mind|learn] my name: <x>", "my full name is <x>", "this is <x> at the keyboard", "signed, <x>", "I sign as <x>",
    # Words right behind the name that are no part of it.
    "<x> [typing|writing|again|present|reporting in|at your service|on the line]", "[it's|this is|it is|I'm|I am] <x> [from|of] [the office|accounting|school|work|the north|team two|next door]", "I'm <x> the [baker|new one|boss|tester|second]", "[I am|I'm] <x> [by the way|today|and you|so hello|not a robot|as always]", "[hello|hi] [it's|I'm] <x> [once more|again|here|and I need help]",
    "<x> [is how I am called|is the name|is what I am called|would be my name]", "[I have|I got|my mother gave me] the name <x> [at birth|as a child|long ago|]", "call me <x> [if you like|when you answer|all the time|will you]", "my name is <x> [by the way|as you may know|since I was born|so please use it]", "[you may|please] use <x> [for me|as my name|when you talk to me]", "they know me as <x> [here|at work|at home|]", "[me|myself]: <x>", "user: <x>", "in case you wonder, I am <x>", "[who I am|my name]? <x>",
]
RENAME = [
    "[actually|sorry|wait|no], my name is <x>", "[actually|sorry|please|from now on], call me <x>", "I [changed|have changed] my name to <x>", "my name is [not|no longer] <o>, it is <x>", "[sorry|oops], I meant <x>, that is my name", "my name is now <x>",
    "I made a mistake, I am <x>", "correction: my name is <x>", "not <o>, <x>", "please call me <x> instead", "it is <x>, not <o>", "that was wrong, my name is <x>", "from now on I am <x>",
    "[actually|sorry|no|oh] [I am|I'm|it's|it is|call me|the name is|my name is] <x>[, not <o>|]", "I said <o> but [it is|I am|my name is|I meant] <x>", "you got my name wrong, [it is|I am|I'm] <x>", "forget <o>, [I am|call me|my name is] <x>", "use <x> instead of <o>", "my [real|correct|new|actual|true] name is <x>",
    "I am not <o>[, I am|, I'm|, my name is] <x>", "replace <o> [by|with] <x>", "do not call me <o>[, call me <x>|, my name is <x>]", "I [misspelled|mistyped] my name, it is <x>", "<x>, not <o>", "it is spelled <x>", "<o> was [wrong|a mistake|a joke], [I am|it is|my name is] <x>", "I would rather be called <x>", "better call me <x>", "<x> is [right|correct], <o> is [wrong|not]",
    "my name has changed, it is <x> now", "I now go by <x>", "[one|a] letter was wrong: <x>", "I married, my name is <x> now", "please correct my name to <x>", "that is not how it is written, it is <x>",
    "[not|no longer|never] <o> [but|any more but] <x>", "<o> is [my old name|the old one|over], <x> is [my new name|the new one|valid now]", "[I used to be|I was|until today I was] <o>[, now I am|, now call me|, today I am] <x>", "my name was <o> and is now <x>", "change my name [from <o> to|to] <x>", "update my name: <x>", "make that <x>", "[instead of|rather than] <o> [I am|call me|say] <x>", "the new name is <x>", "let me be <x> [from now on|now|instead]", "today [my name is|I am called] <x>",
]
ASK_NAME = [
    "what is my name", "what's my name", "[do you|can you|did you|will you] [remember|know|recall] my name", "who am I", "what am I called", "say my name", "tell me my name", "my name", "what did I [say|tell you] my name [was|is]", "how am I called",
    "[can|could|would] you [tell me|say|repeat|remind me of] my name", "[what|which] name did I [give|tell|give you|tell you]", "[do you|can you] [remember|know|tell me|recall] who I am", "have you forgotten [my name|who I am]", "remind me [what my name is|of my name|who I am]",
    "I forgot my name[, what is it|, can you help|]", "what do you call me", "what should you call me", "please repeat my name", "what was my name [again|]", "and what is my name", "[you know|you remember] my name, [right|don't you]", "and who am I", "I am who",
    "[did I tell you|have I told you] my name", "[is my name known|do I have a name]", "what name do I have", "how do you call me", "repeat my name",
    "which name do I [have|go by|use]", "how did I introduce myself", "what did I say [I am|I was] called", "what was the name [I gave you|I told you|again]", "do you still know [what I am called|how I am called|what to call me|my name]", "by what name do you know me", "you still know my name, [right|don't you|yes]", "let me test you: what is my name",
    "I hope you remember my name", "[tell|remind] me who I am", "say who I am", "whom are you talking to", "who are you [talking|speaking] to", "[write|print|show|give me] my name", "what did I call myself", "under which name do you know me", "is my name still in your memory", "who did I say [I am|I was]", "you remember me, [right|don't you], what is my name", "name me", "what is the name of the user", "what was I called [again|]",
    "[which|what] name is mine", "[what|which] is my [current|present|right] name", "[you|do you] have my name[, what is it|]", "what is the name that I [gave|told] you", "[what|how] [do|would|should] you [greet|name] me", "[what|which] name [goes|belongs] with me", "[quickly|once more|one more time], my name", "[is|was] my name [lost|gone|clear to you]", "how does my name [go|read|sound]", "and I am called [what|how]",
]
TELL_FAVOURITE = [
    "my favourite <s> is <x>", "my favorite <s> is <x>", "my favourite <s> [has always been|will always be|of all is|is definitely|is certainly] <x>", "<x> is my favourite <s>", "<x> is the <s> I like [best|most]", "the <s> I [like|love] [most|best] is <x>", "I like the <s> <x> [best|most]",
    "my [best|preferred|top] <s> is <x>", "of all <s>s I [like|love|prefer] <x> [most|best|]", "remember that my favourite <s> is <x>", "favourite <s>: <x>", "as for the <s>, I [prefer|like|love] <x>", "no <s> is better than <x>", "if you ask me for a <s>, [I say|it is|it's] <x>", "<x> is the best <s>",
    "I [adore|love] the <s> <x> [above all|more than any other]", "my <s> of choice is <x>", "[for me|to me] the best <s> is <x>", "I would choose <x> as my <s>", "<x>, that is my favourite <s>", "I have a favourite <s>, it is <x>", "among all <s>s <x> is my favourite", "the best <s> of all is <x>", "I like no <s> more than <x>", "my number one <s> is <x>", "write down that my favourite <s> is <x>", "my favourite <s>? <x>",
]
ASK_FAVOURITE = [
    "what is my favourite <s>", "what's my favorite <s>", "which <s> do I [like|love|prefer] [best|most|]", "[do you|can you] [remember|know|recall] my [favourite|favorite] <s>", "tell me my favourite <s>", "what <s> do I [like|love|prefer] [best|most|]", "my favourite <s>",
    "what did I say [is|was] my favourite <s>", "remind me of my favourite <s>", "[and|so] what is my favourite <s>", "what [<s>|favourite <s>] did I [tell you|mention|name|say]", "which is my [favourite|preferred|best] <s>", "what was my [favourite|favorite] <s> [again|]", "name my favourite <s>", "and my favourite <s>",
    "which <s> is my favourite", "which <s> would I choose", "what is the <s> [I like|I love] [best|most]", "do you still know which <s> I [like|prefer]", "is there a <s> that I like [best|most]", "what is my <s> of choice", "the <s> I like [best|most], [what is it|which is it]", "which <s> did I [tell you|mention|name]", "what is my number one <s>", "say my favourite <s>",
]
# attribute: (tell templates, ask templates, what is then known)
ATTRIBUTES = {
    "home": (["I live in <x>", "I am from <x>", "I'm from <x>", "my home is [in|] <x>", "I [moved|have moved] to <x>", "I come from <x>", "my city is <x>", "I was born in <x>"],
             ["where do I live", "where am I from", "where [is my home|do I come from|was I born]", "[do you|can you] [remember|know] where I [live|am from|come from]", "what is my [home|home town|city]"],
             "your home is <x>"),
    "job": (["I work as [a|an] <x>", "I am [a|an] <x> [by profession|by trade]", "my job is <x>", "my profession is <x>", "I [earn|make] my money as [a|an] <x>", "I have a job as [a|an] <x>"],
            ["what is my [job|profession|work|occupation]", "what do I [do|work as]", "[do you|can you] [remember|know] my [job|profession]", "what do I do for a living"],
            "your job is <x>"),
    "age": (["I am <x> years old", "I'm <x> years old", "I am <x> years of age", "my age is <x>", "I turned <x> [today|last week|in May]", "I'm <x> years [old|]"],
            ["how old am I", "what is my age", "[do you|can you] [remember|know] [my age|how old I am]", "what age am I"],
            "you are <x> years old"),
    "like": (["I like <x>", "I love <x>", "I really [like|love|enjoy] <x>", "I enjoy <x>", "I am fond of <x>", "I'm a [big|great] fan of <x>", "<x> is what I [like|love|enjoy] [most|]", "I [like|love] <x> [a lot|very much|so much]"],
             ["what do I [like|love|enjoy]", "[do you|can you] [remember|know] what I [like|love|enjoy]", "what did I say [I like|I love|that I like]", "what [am I fond of|makes me happy]", "tell me what I like"],
             "you like <x>"),
}
TELL_RELATION = ["my <s> is [called|named] <x>", "my <s>'s name is <x>", "I have a <s> [called|named] <x>", "the name of my <s> is <x>", "<x> is my <s>", "my <s> has the name <x>", "I've got a <s> [called|named] <x>"]
ASK_RELATION = ["what is my <s>'s name", "what is my <s> called", "what is the name of my <s>", "[do you|can you] [remember|know|recall] [the name of my <s>|my <s>'s name]", "how is my <s> called", "who is my <s>", "tell me my <s>'s name", "what did I [call|name] my <s>"]
ABOUT_ME = ["what do you know about me", "what have I told you [about me|]", "what do you remember [about me|]", "tell me what you know about me", "summarise what I told you", "repeat what I told you about me", "what did I tell you [about me|so far|]", "tell me about me"]

ZH_TELL_NAME = ["我叫<x>", "我的名字是<x>", "我是<x>", "我的名字叫<x>", "[请|你可以|就]叫我<x>[吧|]", "[你好，|]我叫<x>", "我名叫<x>", "朋友[们|]叫我<x>", "我姓名是<x>", "我叫<x>，[很高兴认识你|你呢|请多关照]", "叫我<x>", "我的名字叫做<x>", "本人<x>", "我是<x>，[你好|新来的|很高兴认识你]", "大家好，我是<x>", "称呼我<x>[就好|吧|即可]", "[同事|家人|同学]叫我<x>", "我姓名：<x>", "我的全名是<x>", "请记住我的名字：<x>", "记住，我叫<x>", "你好，我是<x>", "嗨，我叫<x>"]
ZH_RENAME = ["[不对|不是|错了|其实]，我叫<x>", "我改名[叫|为|了，叫]<x>[了|]", "以后叫我<x>", "我不叫<o>，我叫<x>", "我的名字改成<x>了", "刚才写错了，我叫<x>", "我说错了，我[是|叫]<x>", "请改叫我<x>", "我现在叫<x>", "不是<o>，[是|我叫]<x>", "我的新名字是<x>", "对不起，我叫<x>", "别叫我<o>，叫我<x>"]
ZH_ASK_NAME = ["我叫什么[名字|]", "我的名字是什么", "你[记得|知道|还记得]我的名字吗", "我是谁", "[请|]说出我的名字", "我叫什么来着", "[你|]知道我是谁吗", "[你|]还记得我叫什么吗", "你应该叫我什么", "请告诉我我的名字", "我的名字叫什么", "[还|]记不记得我的名字", "我刚才说我叫什么", "我的名字[呢|]", "说一下我的名字", "你忘了我的名字吗", "我刚才告诉你我叫什么", "还记得我是谁吗", "我姓什么叫什么", "你知道我的名字吗", "重复我的名字"]
ZH_TELL_FAVOURITE = ["我最喜欢的<s>是<x>", "我最爱的<s>是<x>", "<x>是我最喜欢的<s>", "我喜欢的<s>是<x>", "说到<s>，我最喜欢<x>", "请记住，我最喜欢的<s>是<x>", "我喜欢<s>里的<x>", "<s>我最喜欢<x>", "所有<s>里我最喜欢<x>", "我觉得最好的<s>是<x>", "我最中意的<s>是<x>", "要说<s>，当然是<x>"]
ZH_ASK_FAVOURITE = ["我最喜欢的<s>是什么", "我最喜欢[什么|哪个]<s>", "你[记得|知道|还记得]我最喜欢的<s>吗", "我最爱的<s>是什么", "我喜欢的<s>是什么", "告诉我我最喜欢的<s>", "我最喜欢的<s>[呢|]", "我说过我最喜欢的<s>是什么", "还记得我喜欢的<s>吗", "<s>我最喜欢什么", "哪个<s>是我最喜欢的", "我觉得最好的<s>是什么"]

# answer: messages
SMALL_TALK = {
    "Hello! I am parley-tiny. How can I help you?": ["hi", "hello", "hey", "hello there", "hi there", "good [morning|evening|afternoon|day]", "greetings", "hallo", "howdy", "yo", "hey [you|bot|parley|buddy]", "hello [parley|bot|my friend|computer|everyone|world|again]", "hi [parley|bot|again]", "good to [see|meet] you", "nice to meet you",
                                                      "are you [there|ready|awake|online|here]", "[anyone|anybody|somebody] [there|here]", "[test|testing|ping]", "knock knock", "let us [start|begin|talk|chat]", "can we [talk|chat]", "hiya", "helo", "welcome", "hey ho"],
    "I am fine, thank you. What can I do for you?": ["how are you", "how are you [doing|today|doing today|feeling]", "how do you do", "how is it going", "how's it going", "what's up", "are you [ok|okay|fine|well|alright]", "how [is life|have you been|do you feel|are things]", "everything [ok|okay|fine]", "hi, how are you"],
    "You are welcome.": ["thanks", "thank you", "thank you [very much|so much|a lot|for your help]", "thanks [a lot|for the help|so much|for that|mate]", "thx", "many thanks", "cheers", "that [was|is] [helpful|great|very helpful|good|useful]", "[great|good|well done|nice|perfect|excellent|cool|awesome][, thank you|, thanks|]", "ok[, thanks|, thank you|ay, thanks]", "I appreciate it"],
    "Goodbye!": ["bye", "goodbye", "good night", "see you [later|soon|tomorrow|]", "bye bye", "I have to go [now|]", "farewell", "take care", "until [next time|tomorrow]", "I am leaving", "that is all[, bye|]", "so long"],
    "I am sorry to hear that.": ["I am [sad|tired|sick|bored|angry|lonely|hungry|unhappy|cold|stressed|not well|ill|worried]", "I'm [sad|tired|sick|bored|angry|hungry|unhappy|stressed|not feeling well]", "I feel [bad|sad|terrible|awful|lonely|ill|down]", "I had a [bad|terrible|hard] day", "my day was [bad|terrible|awful]", "[nothing works|everything is bad|life is hard]"],
    "That is good to hear.": ["I am [fine|happy|well|good|glad|great|ok|doing well|excited]", "I'm [fine|happy|well|good|great|okay|doing fine][, thanks|, thank you|]", "I feel [good|great|fine|wonderful|better]", "I had a [good|great|nice] day", "[all is well|all good|everything is fine|life is good]", "my day was [good|great|nice]"],
    "All right.": ["ok", "okay", "fine", "yes", "no", "sure", "alright", "I see", "hm", "hmm", "aha", "really", "never mind", "nothing", "understood", "got it", "yep", "nope", "maybe"],
    "I do what I can; I am only a small model.": ["you are [stupid|dumb|useless|wrong|bad|silly|an idiot|not helpful]", "that is [wrong|not right|false|not true|nonsense|incorrect]", "[wrong|nonsense|bullshit|rubbish]", "you [made a mistake|do not understand|don't understand me|did not answer|are not smart]", "[I hate|I don't like] [you|this]"],
}
ZH_SMALL_TALK = {
    "你好！我是 parley-tiny。有什么可以帮你？": ["你好", "您好", "嗨", "早上好", "晚上好", "下午好", "大家好", "喂", "在吗", "你好啊", "哈喽", "有人吗", "很高兴认识你"],
    "我很好，谢谢。有什么可以帮你？": ["你好吗", "你怎么样", "最近怎么样", "你还好吗", "今天怎么样"],
    "不客气。": ["谢谢", "谢谢你", "多谢", "非常感谢", "太好了", "很好", "谢谢你的帮助", "不错"],
    "再见！": ["再见", "拜拜", "晚安", "明天见", "我走了", "下次见"],
    "好的。": ["好", "好的", "嗯", "是的", "不", "知道了", "没事"],
}
