# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
# Man pages for packages beside other IMAP servers, where imapd is called postern-imapd.
s/(^|[^-\/A-Za-z])imapd($|[^-A-Za-z])/\1postern-imapd\2/g
s/^\.Dt IMAPD /.Dt POSTERN-IMAPD /
