"""File names from strangers: nothing that tricks an eye, a shell, a server or Windows survives."""

import unicodedata

import pytest

from core.filenames import MAX_LENGTH, safe_filename

NAMES = {
    "报告 2024.pdf": "报告 2024.pdf",
    "résumé.doc": "résumé.doc",
    "archive.tar.gz": "archive.tar.gz",
    ".htaccess": "htaccess",
    ".\u200bhtaccess": "htaccess",
    "\u200b.htaccess": "htaccess",
    ".hta\u2008ccess": "hta ccess",
    ".user.ini": "user.ini",
    "shell.php\u200b": "shell.php",
    "shell.pht\u00ad": "shell.pht",
    "shell.php.": "shell.php",
    "shell.php. . .": "shell.php",
    "photo\u202egpj.exe": "photogpj.exe",
    "photo\u2066gpj\u2069.exe": "photogpj.exe",
    "a\x00.png": "a.png",
    "a.php\x00.png": "a.php.png",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "..%2f..%2fetc%2fpasswd": "passwd",
    "..%252f..%255cx.txt": "x.txt",
    "%2e%2e%2fx.txt": "x.txt",
    "..\uff0f..\u2215x.txt": "x.txt",
    "C:\\temp\\x.doc": "x.doc",
    "/": "attachment",
    "folder/": "attachment",
    "..": "attachment",
    ".": "attachment",
    "": "attachment",
    "   ": "attachment",
    "\u202e\u200b": "attachment",
    "\u3164": "attachment",
    "CON": "_CON",
    "con.txt": "_con.txt",
    "LPT1.tar.gz": "_LPT1.tar.gz",
    "com¹.txt": "_com¹.txt",
    "console.txt": "console.txt",
    'a"b<c>d|e?f*g.txt': "a_b_c_d_e_f_g.txt",
    "a;rm -rf $HOME`id`.txt": "a_rm -rf _HOME_id_.txt",
    "-rf": "rf",
    "a\r\nContent-Type: text/html\r\n.txt": "html .txt",
    "a\tb\u00a0c.txt": "a b c.txt",
    "file:stream.txt": "file_stream.txt",
    "\ud800x.txt": "x.txt",
}


@pytest.mark.attack("C1")
@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_safe_filename__name__is_harmless(name: str, expected: str) -> None:
    assert safe_filename(name) == expected


@pytest.mark.parametrize("name", NAMES)
def test_safe_filename__its_own_result__stays_the_same(name: str) -> None:
    assert safe_filename(safe_filename(name)) == safe_filename(name)


def test_safe_filename__long_name__keeps_its_extension() -> None:
    result = safe_filename("长" * 5_00 + ".pdf")
    assert len(result) == MAX_LENGTH
    assert result.endswith("长.pdf")
    assert len(safe_filename("a" * 1_000_000)) == MAX_LENGTH
    assert len(safe_filename("a." + "b" * 1_000)) == MAX_LENGTH


@pytest.mark.attack("C1")
def test_safe_filename__every_character__leaves_nothing_unseen() -> None:
    for code in range(0x110000):
        result = (
            safe_filename(f"a{chr(code)}b.txt")
            if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
            else ""
        )
        assert all(unicodedata.category(letter)[0] != "C" for letter in result)
