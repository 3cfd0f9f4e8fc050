"""Which part of each public fixture is its author's own text: labels, fixed before any tuning.

Of `discourse` the expected text stands beside each e-mail. Elsewhere it is told here, as lines
(from 1) or as the first words of the fixture: (own, signature). What upstream's tests call the
reply is own; a sign-off, a name or a device line that upstream keeps or cuts is signature.

Left out: `talon` signature/emails/P (training data without an expected text); `quotequail`
gmail_forward and apple_forward (no expected text).

Two labels were corrected after the first run, each a wrong count of lines or words, for all
programs alike: zapier/email_1_8, talon/reply-quotations-share-block.
"""

from __future__ import annotations

Lines = tuple[tuple[int, int], ...]

# name: (lines of own text, lines of signature), first and last included
ZAPIER: dict[str, tuple[Lines, Lines]] = {
    "correct_sig": (((1, 1),), ((3, 4),)),
    "email_1_1": (((1, 5),), ((7, 99),)),
    "email_1_2": (((1, 1), (9, 34)), ((46, 99),)),
    "email_1_3": (((1, 3),), ((5, 5),)),
    "email_1_4": (((1, 1),), ()),
    "email_1_5": (((1, 99),), ()),
    "email_1_6": (((1, 1),), ((3, 3),)),
    "email_1_7": (((1, 1),), ()),
    "email_1_8": (((13, 13), (19, 19)), ((36, 37),)),
    "email_2_1": (((1, 1),), ()),
    "email_2_2": (((1, 1),), ()),
    "email_2_3": (((1, 1),), ()),
    "email_BlackBerry": (((1, 1),), ((3, 3),)),
    "email_bullets": (((1, 9),), ((19, 99),)),
    "email_gmail": (((1, 1),), ()),
    "email_headers_no_delimiter": (((1, 1),), ()),
    "email_iPhone": (((1, 1),), ((3, 3),)),
    "email_multi_word_sent_from_my_mobile_device": (((1, 1),), ((3, 3),)),
    "email_one_is_not_on": (((1, 5),), ()),
    "email_partial_quote_header": (((1, 6),), ()),
    "email_sent_from_my_not_signature": (((1, 3),), ()),
    "email_sig_delimiter_in_middle_of_line": (((1, 7),), ()),
    "greedy_on": (((1, 6),), ()),
    "pathological": (((1, 2),), ()),
}

# path: (words of own text, words of signature), at the beginning of what the message shows; the
# words of `thunderbird.eml` stand below the quotation, so they are the last
TALON: dict[str, tuple[int, int]] = {
    "standard_replies/android.eml": (1, 0),
    "standard_replies/aol.eml": (1, 0),
    "standard_replies/apple_mail.eml": (1, 0),
    "standard_replies/apple_mail_2.eml": (1, 0),
    "standard_replies/comcast.eml": (1, 0),
    "standard_replies/gmail.eml": (1, 0),
    "standard_replies/hotmail.eml": (1, 0),
    "standard_replies/iphone.eml": (1, 4),
    "standard_replies/outlook.eml": (1, 0),
    "standard_replies/sparrow.eml": (1, 6),
    "standard_replies/thunderbird.eml": (-1, 0),
    "standard_replies/yahoo.eml": (1, 0),
    "html_replies/gmail.html": (4, 2),
    "html_replies/hotmail.html": (4, 2),
    "html_replies/mail_ru.html": (4, 2),
    "html_replies/ms_outlook_2003.html": (4, 2),
    "html_replies/ms_outlook_2007.html": (4, 2),
    "html_replies/ms_outlook_2010.html": (4, 2),
    "html_replies/thunderbird.html": (4, 2),
    "html_replies/windows_mail.html": (4, 2),
    "html_replies/yandex_ru.html": (4, 2),
    "reply-separated-by-hr.html": (2, 1),
    "OLK_SRC_BODY_SECTION.html": (1, 0),
    "reply-quotations-share-block.eml": (65, 2),
}
# bodies whose signature stands in a file beside them: own is what comes before it
TALON_SIGNED = ("camel_case", "jeff", "johndoeexamplecom", "long", "short_url", "sparse")

QUOTEQUAIL: dict[str, tuple[int, int]] = {
    "gmail_reply.html": (2, 0),
    "apple_reply.html": (2, 0),
    "ios_mail_reply_unescaped_address.html": (7, 4),
    "yahoo_reply_unescaped_address.html": (16, 1),
}
# forwards, and the file that holds what was forwarded; the author adds nothing, or `_top`
QUOTEQUAIL_FORWARDS = {
    "thunderbird_forward.html": ("thunderbird_forward_unwrapped.html",),
    "mailru_forward.html": ("mailru_forward_unwrapped.html",),
    "outlook_forward.html": (
        "outlook_forward_unwrapped_top.html",
        "outlook_forward_unwrapped.html",
    ),
}
