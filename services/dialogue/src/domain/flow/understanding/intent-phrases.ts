import { phrases } from './phrases.ts';

/** What may stand before a wish without changing it. */
export const openers = phrases(
  "please|ok|okay|well|oh|um|uh|hmm|hey|hi|hello|actually|sorry|so|then|just|and|but|no|wait|i want to|i'd like to|i would like to|i wanna|i want|let's|lets|let us|let me|can we|can you|can i|could you|could we|could i|would you|you can|we can|i think i'll|i'll|i think|by the way|btw|also|one question|quick question",
  '请你|请|我想要|我想|我要|我|帮我|给我|麻烦你|麻烦|那就|那|还是|嗯|哦|呃|就|你好|您好|不好意思|抱歉|对了|可以|能不能|能',
);

/** What may stand after a wish without changing it. */
export const closers = phrases(
  'please|thanks|thank you|thank you very much|now|then|for now|for me|ok|okay|sorry|actually|after all|i guess|i think|after that|it|that|this|all|all of it|everything|the whole thing|the order|my order|order|the whole order',
  '吧|了|啊|呢|呀|哦|哈|嘛|吗|一下|谢谢你|谢谢|谢了|掉|这个|它|全部|所有|订单|这单|这个订单|我的订单|点单|可以|好|行',
);

export const cancelling = phrases(
  "cancel|stop|quit|exit|abort|never mind|nevermind|forget it|forget about it|forget|i changed my mind|changed my mind|drop|scrap|don't want|do not want|don't want it anymore|don't want it any more|don't want anything|don't want this anymore|don't need|i don't want|i don't want anything|i don't want it anymore|i don't want to order|i don't want to order anything|i don't want to order anymore|i don't want this anymore|i don't want anything anymore|leave it",
  '取消|算了|不要了|不点了|不买了|不想要了|不想点了|不想买了|不订了|不用点了|不需要了|停止|退出|结束|别点了|先不点|先不点了|先不要',
);

export const restarting = phrases(
  'start over|start again|restart|begin again|reset|start from scratch|from scratch|start from the beginning|from the beginning|start all over|start all over again|do it over',
  '重新开始|重来|重新来|从头开始|从头来|重新点|重新下单|重新来过|重来一次|重新来一次|再来一遍',
);

export const repeating = phrases(
  "what|pardon|excuse me|sorry|huh|repeat|repeat that|repeat the question|say that again|say it again|come again|i don't understand|i do not understand|i didn't get that|what do you mean|continue|go on|where were we|where are we|what was the question|what are the options|what are my options|what are the choices|what can i choose|which options|what options|options|what do you have|what have you got",
  '什么|什么意思|啥|没听懂|没听清|听不懂|不明白|再说一遍|再说一次|重复一遍|继续|接着来|接着|说到哪了|有什么|有哪些|都有什么|都有啥|有啥|有哪些选择|有什么选择|有哪几种|有几种',
);

/** What a yes may be dressed with. */
export const yesFillers = phrases(
  'please|thanks|thank you|then|and|now|it|is|that|this|for me|very much|so much|mate|man|go|i|do|am|the order|my order',
  '吧|了|啊|呢|呀|哦|哈|嘛|的|请|谢谢|谢谢你|就|我|那|那就|麻烦|订单',
);

export const yesPhrases = phrases(
  "yes|yeah|yep|yup|ya|yea|y|sure|sure thing|ok|okay|k|correct|right|that's right|thats right|that is right|that's correct|that is correct|exactly|confirm|confirmed|i confirm|sounds good|sounds great|sounds right|looks good|looks right|looks great|looks fine|go ahead|perfect|please do|do it|of course|absolutely|definitely|certainly|fine|that's fine|great|good|all good|good to go|place the order|place it|order it|submit|send it|that's it|that's all|that is all|that's everything|i do|it is|no problem|no changes|no change|nothing to change|don't change anything|no worries|all right|alright|indeed|lovely|awesome|why not|make it so",
  '是|是的|是啊|对|对的|对啊|对对|没错|正确|好|好的|好啊|好吧|好嘞|可以|可以的|行|行吧|没问题|确认|确定|嗯|嗯嗯|恩|下单|提交|就这样|就这些|就这个|要|要的|ok|不用改|不用改了|不改了|不改|没有要改的|不需要改|不错|当然|当然可以|成|中',
);

/** What a no starts with; the rest of the message may say why. */
export const noPhrases = phrases(
  "no|nope|nah|n|no thanks|no thank you|not quite|not yet|not really|not correct|not right|not exactly|don't|do not|wait|hold on|hang on|wrong|incorrect|that's wrong|nothing|leave it as it is|keep it|keep it as it is|keep that",
  '不|不是|不对|不行|不要|不用|不用了|不好|别|先别|等等|等一下|等下|错|错了|没有|没|不正确|否|慢着|不取消|别取消|保持不变|不变',
);

/** What a no may also be said with, anywhere. */
export const complaints = phrases(
  "wrong|incorrect|not right|not correct|isn't right|isn't correct|mistake|change something|change it|change that|change my order|change the order|edit the order|not what i",
  '不对|错了|有误|搞错|弄错|改一下|要改|想改|修改|有问题',
);
