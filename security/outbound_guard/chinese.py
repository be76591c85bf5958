"""Who asks for a secret or for a customer's screen, in Chinese (traditional characters are read as simplified ones)."""

import re

from security.outbound_guard.reading import Sentence

SECRET = re.compile(
    r"密码|口令|验证码|动态码|助记词|(?:谷歌|身份)?验证器?(?:的)?截图|私钥|恢复短语|种子短语|备份短语|恢复码|备用码"
    r"|安全码|登录码|(?<!通行)密钥|keystore|secret|otp|cvv|pin ?码"
    r"|(?:12|24|十二|二十四) ?个?单词|(?:短信|手机|屏幕|验证器|authenticator)[^，。]{0,4}的?(?:[六6四4]位)?数字"
)
_GIVE = re.compile(
    r"提供|发送|发给|发来|发一下|发我|发过来|再发|发到(?:这|聊天)|转发|转告|转给|告诉|告知|回复|给我|上传|粘贴|确认|核对|念|读出|报一下"
    r"|截图|需要(?:您|你)的|要(?:您|你)的|需要(?:核对|核实)|是多少|是什么|(?:码|词|钥|口令)呢?[?？]$|说一下|说出|口述|报给|贴在|贴到|写在(?:下面|这里|此)|拍给|等(?:您|你)的|发过|输入|填写|填一下"
)
_INTO_OURS = re.compile(r"页面|应用|网站|官网|app|门户|登录页|验证器|新手机|设备|输入(?:有误|错误|框|后)")
# What is confirmed stands behind.
_CONFIRM = re.compile(r"确认|核对|需要(?:核对|核实)")
_INPUT = re.compile(r"输入|填写|填一下")
_NO = re.compile(r"[不勿别莫]|没有(?:人|任何|必要|理由)|无需|无须|切忌|禁止|拒绝|避免|谨防")
_IDLE = re.compile(
    r"不用(?:担心|着急|怕)|别(?:着急|担心|怕)|没关系|没问题|不好意思|不得不|不仅|不管|除非|(?:如果|若|要是|假如)(?:您|你)?(?:不|没有?)|别人|别的|不安全"
)
_DONE = re.compile(r"已(?:经|于)?[^，。]{0,6}$|过$")
_PAST = re.compile(r"过[^，。]{0,12}(?:吗|没有|么)|有没有|是否曾")
_OTHERS = re.compile(r"(?:有人|对方|骗子|陌生人|他人|凡是?|任何人)[^，。]{0,12}(?:要求|索要|索取|让|叫|想)")
REMOTE = re.compile(
    r"远程(?:控制|协助|桌面|访问|操作|登录|连接|处理|软件|帮)|远端(?:控制|协助|桌面|连接)|向日葵|共享[^，。]{0,8}(?:屏幕|荧幕)|屏幕共享|开启共享|控制权|(?:看到|查看)(?:您|你)?的?屏幕"
    r"|any ?desk|team ?viewer|to ?desk|rust ?desk"
)
HAN = re.compile(r"[\u3400-\u9fff]")


def asks_for_a_secret(said: Sentence) -> bool:
    """Whether this sentence asks for what only its owner may know."""
    text = _IDLE.sub(" ", said.text)
    if _PAST.search(text) or _OTHERS.search(text) or not SECRET.search(f"{said.before} {text}"):
        return False
    return any(_part_asks(said, _IDLE.sub(" ", part)) for part in said.parts)


def asks_for_the_screen(said: Sentence) -> bool:
    """Whether this sentence wants to see or to steer a customer's device."""
    if _PAST.search(said.text) or _OTHERS.search(said.text):
        return False
    for part in said.parts:
        meant = _IDLE.sub(" ", part)
        found = REMOTE.search(meant)
        if found and not _NO.search(meant[: found.start()]):
            return True
    return False


def _part_asks(said: Sentence, part: str) -> bool:
    for give in _GIVE.finditer(part):
        before = part[: give.start()]
        if _NO.search(before) or _DONE.search(before):
            continue
        if _INPUT.fullmatch(give[0]) and _INTO_OURS.search(part):
            continue
        if _CONFIRM.fullmatch(give[0]) and not SECRET.search(part[give.end() :]):
            continue
        if SECRET.search(part) or (SECRET.search(said.text) and _means_it(part, give[0])):
            return True
        if SECRET.search(said.before) and _means_it(part, give[0]):
            return True
    return False


def _means_it(part: str, verb: str) -> bool:
    """Whether nothing else is asked for: "send it to me"."""
    rest = part[part.find(verb) + len(verb) :]
    return len(HAN.findall(rest)) <= 3 or "以下格式" in part
