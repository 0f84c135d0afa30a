// Made by `make config`. Do not edit.

export const TEXTS = {
  "de": {
    "labels": {
      "case.category": {
        "values": {
          "access": "Zugang",
          "asn_rejection": "Lieferavis (ASN)",
          "compliance": "Compliance",
          "connectivity": "Verbindung",
          "invoice_discrepancy": "Rechnung",
          "label_quality": "Etiketten",
          "onboarding": "Onboarding",
          "other": "Sonstiges",
          "po_mismatch": "Bestellung"
        },
        "neutral": "Sonstiges"
      },
      "case.priority": {
        "values": {
          "critical": "Kritisch",
          "high": "Hoch",
          "low": "Niedrig",
          "normal": "Normal"
        },
        "neutral": "Normal"
      },
      "case.status": {
        "values": {
          "awaiting_internal": "Wir arbeiten daran",
          "awaiting_partner": "Wartet auf Sie",
          "cancelled": "Abgebrochen",
          "closed": "Geschlossen",
          "new": "Neu",
          "open": "In Arbeit",
          "resolved": "Gelöst"
        },
        "neutral": "In Arbeit"
      },
      "component.state": {
        "values": {
          "degraded": "Langsam",
          "major_outage": "Ausgefallen",
          "operational": "In Betrieb",
          "partial_outage": "Teilweise ausgefallen",
          "under_maintenance": "In Wartung"
        },
        "neutral": "Unbekannt"
      },
      "document.category": {
        "values": {
          "agreement": "Vertrag",
          "implementation_guide": "Einführungsleitfaden",
          "insurance": "Versicherung",
          "label_spec": "Etikettenvorgabe",
          "other": "Sonstiges",
          "routing_guide": "Versandrichtlinie",
          "tax_form": "Steuerformular",
          "test_evidence": "Testnachweis"
        },
        "neutral": "Dokument"
      },
      "document.review": {
        "values": {
          "in_review": "In Prüfung",
          "infected": "Virenprüfung nicht bestanden",
          "rejected": "Nicht angenommen"
        },
        "neutral": "In Prüfung"
      },
      "document.status": {
        "values": {
          "expired": "Abgelaufen",
          "in_review": "In Prüfung",
          "published": "Aktuell"
        },
        "neutral": "In Vorbereitung"
      },
      "enrollment.status": {
        "values": {
          "completed": "Abgeschlossen",
          "expired": "Abgelaufen",
          "in_progress": "In Arbeit",
          "invited": "Eingeladen",
          "on_hold": "Angehalten",
          "rejected": "Abgelehnt",
          "withdrawn": "Zurückgezogen"
        },
        "neutral": "In Arbeit"
      },
      "notice.impact": {
        "values": {
          "critical": "Kritisch",
          "major": "Erheblich",
          "minor": "Gering",
          "none": "Keine"
        },
        "neutral": "Unbekannt"
      },
      "notice.kind": {
        "values": {
          "advisory": "Hinweis",
          "incident": "Störung",
          "maintenance": "Wartung"
        },
        "neutral": "Hinweis"
      },
      "notice.status": {
        "values": {
          "cancelled": "Abgebrochen",
          "completed": "Abgeschlossen",
          "identified": "Ursache gefunden",
          "in_progress": "Läuft",
          "investigating": "Wird untersucht",
          "monitoring": "Wird beobachtet",
          "published": "Veröffentlicht",
          "resolved": "Gelöst",
          "scheduled": "Geplant",
          "verifying": "Wird geprüft",
          "withdrawn": "Zurückgezogen"
        },
        "neutral": "Andauernd"
      },
      "request.status": {
        "values": {
          "completed": "Abgeschlossen",
          "done": "Erledigt",
          "duplicate": "Mit einer anderen Anfrage zusammengeführt",
          "in_progress": "In Arbeit",
          "not_possible": "Nicht möglich",
          "received": "Eingegangen",
          "rejected": "Abgelehnt",
          "triaged": "Beim Team",
          "waiting_on_partner": "Wartet auf Sie"
        },
        "neutral": "In Arbeit"
      },
      "request.title": {
        "values": {},
        "neutral": "Anfrage"
      },
      "step.kind": {
        "values": {
          "approval": "Freigabe",
          "check": "Prüfung",
          "document": "Dokument",
          "form": "Formular",
          "info": "Information",
          "test": "Test"
        },
        "neutral": "Aufgabe"
      },
      "step.owner": {
        "values": {
          "hub": "Wir",
          "joint": "Beide",
          "partner": "Sie"
        },
        "neutral": "Beide"
      },
      "step.phase": {
        "values": {
          "compliance": "Compliance",
          "connectivity": "Verbindung",
          "go_live": "Produktivstart",
          "setup": "Einrichtung",
          "testing": "Test"
        },
        "neutral": "Sonstiges"
      },
      "step.status": {
        "values": {
          "available": "Bereit für Sie",
          "changes_requested": "Bitte korrigieren",
          "completed": "Erledigt",
          "in_progress": "In Arbeit",
          "locked": "Später",
          "submitted": "Eingereicht",
          "waived": "Nicht nötig"
        },
        "neutral": "In Arbeit"
      },
      "transaction.exception": {
        "values": {
          "acknowledgment_overdue": "Bestätigung überfällig",
          "acknowledgment_rejected": "Abgelehnt",
          "delivery_failed": "Nicht zugestellt",
          "over": "Gelöst",
          "processing_error": "Nicht verarbeitet",
          "validation_error": "Prüfung nicht bestanden"
        },
        "neutral": "Problem"
      },
      "transaction.type": {
        "values": {
          "204": "204 Transportauftrag",
          "210": "210 Frachtrechnung",
          "214": "214 Sendungsstatus",
          "810": "810 Rechnung",
          "820": "820 Zahlungsavis",
          "824": "824 Anwendungsmeldung",
          "830": "830 Lieferplan",
          "832": "832 Preisliste",
          "846": "846 Bestandsmeldung",
          "850": "850 Bestellung",
          "852": "852 Abverkaufsbericht",
          "855": "855 Bestellbestätigung",
          "856": "856 Lieferavis",
          "860": "860 Bestelländerung",
          "862": "862 Feinabruf",
          "865": "865 Bestätigung der Bestelländerung",
          "867": "867 Produktverbleib",
          "940": "940 Lagerauftrag",
          "944": "944 Wareneingang im Lager",
          "945": "945 Warenausgang im Lager",
          "990": "990 Antwort auf Transportauftrag",
          "997": "997 Empfangsbestätigung",
          "999": "999 Ausführungsbestätigung",
          "APERAK": "APERAK Anwendungsmeldung",
          "CONTRL": "CONTRL Bestätigung",
          "DELFOR": "DELFOR Lieferabruf",
          "DELJIT": "DELJIT Feinabruf",
          "DESADV": "DESADV Lieferavis",
          "IFTMIN": "IFTMIN Transportauftrag",
          "IFTSTA": "IFTSTA Transportstatus",
          "INVOIC": "INVOIC Rechnung",
          "INVRPT": "INVRPT Bestandsbericht",
          "ORDCHG": "ORDCHG Bestelländerung",
          "ORDERS": "ORDERS Bestellung",
          "ORDRSP": "ORDRSP Bestellantwort",
          "PRICAT": "PRICAT Preisliste",
          "RECADV": "RECADV Wareneingangsmeldung",
          "REMADV": "REMADV Zahlungsavis",
          "SLSRPT": "SLSRPT Verkaufsbericht",
          "TA1": "TA1 Übertragungsbestätigung"
        },
        "neutral": "Dokument"
      }
    },
    "sentences": {
      "affected.unnamed": "Beleg",
      "affected.unnamed_standard": "Beleg ({standard})",
      "case.acknowledgment_overdue.next_step": "Prüfen Sie, ob Ihr System zu jedem Beleg eine Empfangsbestätigung (997 oder CONTRL) sendet.",
      "case.acknowledgment_overdue.subject": "Keine Empfangsbestätigung für {document} zu {reference}",
      "case.anything_else.next_step": "Wir gehen der Sache nach. Für Sie ist noch nichts zu tun.",
      "case.anything_else.subject": "{document} zu {reference} konnte nicht verarbeitet werden",
      "case.delivery_failed.next_step": "Prüfen Sie, ob Ihr Postfach oder Ihr AS2-Endpunkt Belege annimmt.",
      "case.delivery_failed.subject": "{document} zu {reference} konnte nicht zugestellt werden",
      "case.document_rejected.next_step": "Korrigieren Sie den Beleg ({document}) und senden Sie ihn erneut.",
      "case.document_rejected.subject": "{document} zu {reference} wurde abgelehnt",
      "case.invoice_rejected.next_step": "Korrigieren Sie den Beleg ({document}) und senden Sie ihn erneut; vorher wird nicht bezahlt.",
      "case.invoice_rejected.subject": "{document} zu {reference} wurde abgelehnt",
      "case.our_document_rejected.next_step": "Wir gehen der Sache nach. Für Sie ist noch nichts zu tun.",
      "case.our_document_rejected.subject": "Unser Beleg ({document}) zu {reference} wurde abgelehnt",
      "case.ship_notice_rejected.next_step": "Korrigieren Sie den Beleg ({document}) und senden Sie ihn erneut, bevor die Ware ankommt.",
      "case.ship_notice_rejected.subject": "{document} zu {reference} wurde abgelehnt",
      "form.document-version": "Neue Fassung eines Dokuments",
      "form.edi-setup": "EDI-Einrichtung",
      "form.invoice-question": "Frage zu einer Rechnung",
      "form.issue-comment": "Kommentar zu einem Vorgang",
      "form.issue-resolution": "Antwort auf eine Lösung",
      "form.onboarding-question": "Frage zum Onboarding",
      "form.onboarding-step": "Onboarding-Schritt",
      "form.partner-question": "Frage an die Partnerbetreuung",
      "form.request-answer": "Antwort auf eine Frage",
      "form.ship-notice-problem": "Problem mit einem Lieferavis",
      "headline.answer": "Ihre Antwort wird gebraucht: {subject}",
      "headline.answers": {
        "one": "Ihre Antwort wird in {count} Vorgang gebraucht",
        "other": "Ihre Antwort wird in {count} Vorgängen gebraucht"
      },
      "headline.check": "Bitte handeln Sie: {title}",
      "headline.checks": {
        "one": "Bitte handeln Sie: {count} Prüfung wurde nicht bestanden",
        "other": "Bitte handeln Sie: {count} Prüfungen wurden nicht bestanden"
      },
      "headline.nothing": "Zurzeit ist nichts zu tun",
      "headline.onboarding": "Das Onboarding ist zu {percent} % abgeschlossen",
      "headline.passed": "Alle Prüfungen sind bestanden",
      "headline.suspended": "Die Partnerschaft ist ausgesetzt",
      "headline.terminated": "Die Partnerschaft ist beendet",
      "headline.working": {
        "one": "{count} Vorgang wird bearbeitet",
        "other": "{count} Vorgänge werden bearbeitet"
      },
      "problem.blocked": "Eine neuere Fassung konnte nicht hierher gebracht werden. Wir kümmern uns darum.",
      "problem.changed": "Eine neuere Fassung kam beschädigt an und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.conflict": "Sie und wir haben dieses Dokument geändert. Wir entscheiden, welche Fassung gilt; bis dahin bleibt die zuletzt vereinbarte.",
      "problem.damaged": "Eine neuere Fassung lässt sich nicht öffnen, weil sie beschädigt oder unvollständig ist, und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.empty": "Eine neuere Fassung ist leer und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.failed": "Eine neuere Fassung konnte nicht hierher gebracht werden. Wir kümmern uns darum.",
      "problem.gone": "Eine neuere Fassung konnte nicht hierher gebracht werden. Wir kümmern uns darum.",
      "problem.infected": "Eine neuere Fassung hat die Virenprüfung nicht bestanden und wird nicht gezeigt.",
      "problem.macros": "Eine neuere Fassung enthält Makros und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.private_key": "Eine neuere Fassung enthält einen privaten Schlüssel und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.protected": "Eine neuere Fassung ist mit einem Kennwort geschützt und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.rich_text": "Eine neuere Fassung ist Rich-Text (RTF) unter dem Namen eines Word-Dokuments und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.text_table": "Eine neuere Fassung ist reiner Text unter dem Namen einer Excel-Arbeitsmappe und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.too_large": "Eine neuere Fassung ist zu groß, um hier gezeigt zu werden. Bitte fragen Sie uns danach.",
      "problem.web_document": "Eine neuere Fassung ist eine Webseite (HTML) unter dem Namen eines Word-Dokuments und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.web_page": "Eine neuere Fassung ist eine Webseite (HTML) unter dem Namen einer Excel-Arbeitsmappe und wird nicht gezeigt. Wir kümmern uns darum.",
      "problem.wrong_type": "Eine neuere Fassung ist nicht die Art von Datei, die sie zu sein vorgibt, und wird nicht gezeigt.",
      "problem.xml_spreadsheet": "Eine neuere Fassung ist eine XML-Kalkulationstabelle 2003 unter dem Namen einer Excel-Arbeitsmappe und wird nicht gezeigt. Wir kümmern uns darum.",
      "question.document-version.base_version": "Auf Grundlage der Fassung",
      "question.document-version.comment": "Was sich geändert hat",
      "question.document-version.document": "Dokument",
      "question.document-version.file": "Datei",
      "question.edi-setup.acknowledges": "Wir senden 997 oder CONTRL von selbst",
      "question.edi-setup.address": "EDI-Adresse",
      "question.edi-setup.comment": "Anmerkungen",
      "question.edi-setup.connection": "Verbindung",
      "question.edi-setup.contact": "E-Mail-Adresse",
      "question.edi-setup.perDay": "Belege am Tag",
      "question.edi-setup.standard": "Standard",
      "question.edi-setup.step": "Schritt",
      "question.edi-setup.testFrom": "Tests können beginnen am",
      "question.invoice-question.company": "Unternehmen",
      "question.invoice-question.currency": "Währung",
      "question.invoice-question.email": "E-Mail-Adresse",
      "question.invoice-question.files": "Anhänge",
      "question.invoice-question.invoiceNumber": "Rechnungsnummer",
      "question.invoice-question.invoicedUnitPrice": "Preis auf der Rechnung",
      "question.invoice-question.lineNumber": "Position",
      "question.invoice-question.name": "Ihr Name",
      "question.invoice-question.poNumber": "Bestellnummer",
      "question.invoice-question.poUnitPrice": "Preis in der Bestellung",
      "question.invoice-question.quantity": "Menge",
      "question.invoice-question.question": "Ihre Frage",
      "question.invoice-question.tradingAddress": "EDI-Adresse",
      "question.issue-comment.case": "Vorgang",
      "question.issue-comment.comment": "Ihr Kommentar",
      "question.issue-comment.name": "Ihr Name",
      "question.issue-resolution.accepted": "Es ist gelöst",
      "question.issue-resolution.case": "Vorgang",
      "question.issue-resolution.comment": "Was noch nicht stimmt",
      "question.onboarding-question.company": "Unternehmen",
      "question.onboarding-question.email": "E-Mail-Adresse",
      "question.onboarding-question.files": "Anhänge",
      "question.onboarding-question.name": "Ihr Name",
      "question.onboarding-question.question": "Ihre Frage",
      "question.onboarding-question.step": "Schritt",
      "question.onboarding-question.tradingAddress": "EDI-Adresse",
      "question.onboarding-step.comment": "Anmerkungen",
      "question.onboarding-step.step": "Schritt",
      "question.partner-question.company": "Unternehmen",
      "question.partner-question.duns": "D-U-N-S-Nummer",
      "question.partner-question.email": "E-Mail-Adresse",
      "question.partner-question.files": "Anhänge",
      "question.partner-question.name": "Ihr Name",
      "question.partner-question.question": "Ihre Frage",
      "question.partner-question.topic": "Worum geht es?",
      "question.partner-question.tradingAddress": "EDI-Adresse",
      "question.request-answer.comment": "Ihre Antwort",
      "question.request-answer.name": "Ihr Name",
      "question.request-answer.request": "Anfrage",
      "question.ship-notice-problem.alreadyShipped": "Die Ware ist unterwegs",
      "question.ship-notice-problem.arrivesOn": "Kommt an am",
      "question.ship-notice-problem.email": "E-Mail-Adresse",
      "question.ship-notice-problem.name": "Ihr Name",
      "question.ship-notice-problem.poNumber": "Bestellnummer",
      "question.ship-notice-problem.question": "Was ist passiert?",
      "question.ship-notice-problem.shipmentId": "Sendung",
      "question.ship-notice-problem.tradingAddress": "EDI-Adresse",
      "reference.invoice": "Rechnung {number}",
      "reference.order": "Bestellung {number}",
      "reference.shipment": "Sendung {number}",
      "reference.transaction": "Transaktion {number}",
      "refusal.case_closed": "Dieser Vorgang wurde inzwischen geschlossen und nimmt keine Kommentare mehr an. Bitte senden Sie uns eine neue Frage und nennen Sie die Nummer des Vorgangs.",
      "refusal.document_closed": "Von diesem Dokument werden keine neuen Fassungen mehr angenommen. Bitte senden Sie uns eine Frage und nennen Sie das Dokument.",
      "refusal.file_damaged": "Diese Datei lässt sich nicht öffnen, weil sie beschädigt oder unvollständig ist. Bitte speichern Sie sie noch einmal und senden Sie sie erneut.",
      "refusal.file_known": "Genau diese Datei haben wir schon. Es hat sich nichts geändert.",
      "refusal.file_macros": "Diese Datei enthält Makros, die wir nicht annehmen. Bitte speichern Sie sie ohne Makros, als Arbeitsmappe (.xlsx) oder Dokument (.docx), und senden Sie sie erneut.",
      "refusal.file_private_key": "Diese Datei enthält einen privaten Schlüssel, den niemand außer Ihnen haben darf. Wir haben sie nicht weitergegeben. Ersetzen Sie den Schlüssel, und senden Sie uns nur das Zertifikat.",
      "refusal.file_protected": "Diese Datei ist mit einem Kennwort geschützt, sodass wir sie nicht öffnen können. Bitte speichern Sie sie ohne Kennwort und senden Sie sie erneut.",
      "refusal.file_refused": "Diese Datei konnte nicht angenommen werden. Vielleicht ist sie zu groß oder nicht die Art von Datei, die ihr Name nennt. Jemand sieht sie sich an; Sie können auch eine andere senden.",
      "refusal.file_rich_text": "Diese Datei ist Rich-Text (RTF) unter dem Namen eines Word-Dokuments. Nennen Sie sie .rtf, oder öffnen Sie sie in Word und speichern Sie sie als Word-Dokument (.docx), und senden Sie das.",
      "refusal.file_text_table": "Diese Datei ist Text mit Spalten unter dem Namen einer Excel-Arbeitsmappe. Öffnen Sie sie in Excel und speichern Sie sie als Excel-Arbeitsmappe (.xlsx), oder nennen Sie sie .csv, und senden Sie das.",
      "refusal.file_web_document": "Diese Datei ist eine Webseite (HTML) unter dem Namen eines Word-Dokuments. Öffnen Sie sie in Word, speichern Sie sie als Word-Dokument (.docx) und senden Sie dieses.",
      "refusal.file_web_page": "Diese Datei ist eine Webseite (HTML) unter dem Namen einer Excel-Arbeitsmappe. Öffnen Sie sie in Excel, speichern Sie sie als Excel-Arbeitsmappe (.xlsx) und senden Sie diese.",
      "refusal.file_xml_spreadsheet": "Diese Datei ist eine XML-Kalkulationstabelle 2003 unter dem Namen einer Excel-Arbeitsmappe. Öffnen Sie sie in Excel, speichern Sie sie als Excel-Arbeitsmappe (.xlsx) und senden Sie diese.",
      "refusal.not_found": "Worum es hier geht, wurde nicht gefunden. Öffnen Sie es noch einmal von Ihrer Übersicht aus, oder senden Sie uns eine Frage.",
      "refusal.not_resolved": "Dieser Vorgang ist wieder offen, es gibt also keine Lösung zu beantworten. Der letzte Kommentar sagt, wie es weitergeht.",
      "refusal.other": "Das war beim jetzigen Stand nicht möglich. Sehen Sie es sich noch einmal an, und fragen Sie uns, wenn es unklar ist.",
      "refusal.reason_missing": "Bitte sagen Sie, was noch nicht stimmt, damit das Team weiterarbeiten kann.",
      "refusal.request_closed": "Diese Anfrage wurde inzwischen geschlossen und nimmt keine Antworten mehr an. Bitte senden Sie uns eine neue Anfrage und nennen Sie die Nummer dieser.",
      "refusal.step_done": "Dieser Schritt ist schon erledigt. Es ist nichts mehr zu tun.",
      "refusal.step_locked": "Dieser Schritt kann noch nicht eingereicht werden. Zuerst müssen die Schritte davor abgeschlossen sein.",
      "refusal.step_submitted": "Dieser Schritt wurde schon eingereicht und wird gerade geprüft.",
      "team.ap-disputes": "Kreditorenbuchhaltung",
      "team.edi-support": "EDI-Support",
      "team.on-call": "Bereitschaft",
      "team.partner-desk": "Partnerbetreuung",
      "team.partner-onboarding": "Partner-Onboarding",
      "team.transportation": "Transport",
      "team.vendor-compliance": "Lieferanten-Compliance",
      "unfit.address_check_digit": "Das ist keine EDI-Adresse: Die Prüfziffer der GLN stimmt nicht",
      "unfit.address_either": "Das ist keine EDI-Adresse: jede Hälfte kann der Qualifier sein; bitte Qualifier und Kennung schreiben, etwa ZZ:PRAIRIEGOLD",
      "unfit.address_example": "Das ist keine EDI-Adresse: bitte Qualifier und Kennung schreiben, etwa ZZ:PRAIRIEGOLD",
      "unfit.all": "{faults}",
      "unfit.bad_characters": "enthält Zeichen, die kein Text sind",
      "unfit.bad_country": "enthält ein Land, das kein Code aus zwei Buchstaben ist, etwa DE",
      "unfit.duns_characters": "Das ist keine D-U-N-S-Nummer: sie enthält andere Zeichen als Ziffern",
      "unfit.duns_length": {
        "one": "Das ist keine D-U-N-S-Nummer: sie hat {count} Ziffer, eine D-U-N-S-Nummer hat 9, oder 13 mit Zusatz",
        "other": "Das ist keine D-U-N-S-Nummer: sie hat {count} Ziffern, eine D-U-N-S-Nummer hat 9, oder 13 mit Zusatz"
      },
      "unfit.duns_shortened": "Das ist keine D-U-N-S-Nummer: eine Tabellenkalkulation hat sie gekürzt; bitte alle 9 Ziffern schreiben",
      "unfit.duns_zeros": "Das ist keine D-U-N-S-Nummer: sie besteht nur aus Nullen",
      "unfit.either_date": "kann {one} oder {another} sein: bitte wie {one} schreiben, das Jahr zuerst",
      "unfit.either_number": "kann {one} oder {another} sein: bitte ohne Tausendertrennzeichen schreiben",
      "unfit.gln_characters": "Das ist keine GLN: die Eingabe enthält andere Zeichen als Ziffern",
      "unfit.gln_check_digit": "Das ist keine GLN: Die Prüfziffer stimmt nicht",
      "unfit.gln_length": {
        "one": "Das ist keine GLN: die Eingabe hat {count} Ziffer, eine GLN hat 13",
        "other": "Das ist keine GLN: die Eingabe hat {count} Ziffern, eine GLN hat 13"
      },
      "unfit.gln_shortened": "Das ist keine GLN: eine Tabellenkalkulation hat die Nummer gekürzt; bitte alle 13 Ziffern schreiben",
      "unfit.half_year": "ist ein Datum mit zweistelliger Jahreszahl: bitte das Jahr mit vier Ziffern schreiben",
      "unfit.missing": "fehlt",
      "unfit.not_address": "ist keine Anschrift",
      "unfit.not_boolean": "ist weder ja noch nein",
      "unfit.not_choice": "steht nicht zur Auswahl",
      "unfit.not_date": "ist kein Datum",
      "unfit.not_email": "ist keine E-Mail-Adresse",
      "unfit.not_files": "ist keine Liste von Dateien",
      "unfit.not_integer": "ist keine ganze Zahl",
      "unfit.not_moment": "ist kein Datum mit Uhrzeit",
      "unfit.not_number": "ist keine Zahl",
      "unfit.not_phone": "ist keine Telefonnummer",
      "unfit.not_rating": "ist keine Bewertung von 1 bis {highest}",
      "unfit.not_text": "ist kein Text",
      "unfit.not_time": "ist keine Uhrzeit",
      "unfit.not_url": "ist keine Internetadresse",
      "unfit.of": "{question}: {fault}.",
      "unfit.phone_without_country": "ist eine Telefonnummer ohne Landesvorwahl: bitte so schreiben: +49 30 123456",
      "unfit.too_long": "ist länger als {most} Zeichen",
      "unfit.too_many_choices": "enthält zu viele Auswahlen"
    }
  },
  "en": {
    "labels": {
      "case.category": {
        "values": {
          "access": "Access",
          "asn_rejection": "Ship notice (ASN)",
          "compliance": "Compliance",
          "connectivity": "Connection",
          "invoice_discrepancy": "Invoice",
          "label_quality": "Labels",
          "onboarding": "Onboarding",
          "other": "Other",
          "po_mismatch": "Purchase order"
        },
        "neutral": "Other"
      },
      "case.priority": {
        "values": {
          "critical": "Critical",
          "high": "High",
          "low": "Low",
          "normal": "Normal"
        },
        "neutral": "Normal"
      },
      "case.status": {
        "values": {
          "awaiting_internal": "We are working on it",
          "awaiting_partner": "Waiting for you",
          "cancelled": "Cancelled",
          "closed": "Closed",
          "new": "New",
          "open": "In progress",
          "resolved": "Resolved"
        },
        "neutral": "In progress"
      },
      "component.state": {
        "values": {
          "degraded": "Slow",
          "major_outage": "Down",
          "operational": "Operational",
          "partial_outage": "Partly down",
          "under_maintenance": "Under maintenance"
        },
        "neutral": "Unknown"
      },
      "document.category": {
        "values": {
          "agreement": "Agreement",
          "implementation_guide": "Implementation guide",
          "insurance": "Insurance",
          "label_spec": "Label specification",
          "other": "Other",
          "routing_guide": "Routing guide",
          "tax_form": "Tax form",
          "test_evidence": "Test evidence"
        },
        "neutral": "Document"
      },
      "document.review": {
        "values": {
          "in_review": "In review",
          "infected": "Did not pass the virus scan",
          "rejected": "Not accepted"
        },
        "neutral": "In review"
      },
      "document.status": {
        "values": {
          "expired": "Expired",
          "in_review": "In review",
          "published": "Current"
        },
        "neutral": "Being prepared"
      },
      "enrollment.status": {
        "values": {
          "completed": "Completed",
          "expired": "Expired",
          "in_progress": "In progress",
          "invited": "Invited",
          "on_hold": "On hold",
          "rejected": "Rejected",
          "withdrawn": "Withdrawn"
        },
        "neutral": "In progress"
      },
      "notice.impact": {
        "values": {
          "critical": "Critical",
          "major": "Major",
          "minor": "Minor",
          "none": "None"
        },
        "neutral": "Unknown"
      },
      "notice.kind": {
        "values": {
          "advisory": "Advisory",
          "incident": "Incident",
          "maintenance": "Maintenance"
        },
        "neutral": "Notice"
      },
      "notice.status": {
        "values": {
          "cancelled": "Cancelled",
          "completed": "Completed",
          "identified": "Cause found",
          "in_progress": "Under way",
          "investigating": "Investigating",
          "monitoring": "Being watched",
          "published": "Published",
          "resolved": "Resolved",
          "scheduled": "Planned",
          "verifying": "Being checked",
          "withdrawn": "Withdrawn"
        },
        "neutral": "Ongoing"
      },
      "request.status": {
        "values": {
          "completed": "Completed",
          "done": "Done",
          "duplicate": "Merged with another request",
          "in_progress": "In progress",
          "not_possible": "Not possible",
          "received": "Received",
          "rejected": "Declined",
          "triaged": "With the team",
          "waiting_on_partner": "Waiting for you"
        },
        "neutral": "In progress"
      },
      "request.title": {
        "values": {},
        "neutral": "Request"
      },
      "step.kind": {
        "values": {
          "approval": "Approval",
          "check": "Check",
          "document": "Document",
          "form": "Form",
          "info": "Information",
          "test": "Test"
        },
        "neutral": "Task"
      },
      "step.owner": {
        "values": {
          "hub": "We",
          "joint": "Both",
          "partner": "You"
        },
        "neutral": "Both"
      },
      "step.phase": {
        "values": {
          "compliance": "Compliance",
          "connectivity": "Connection",
          "go_live": "Go-live",
          "setup": "Setup",
          "testing": "Testing"
        },
        "neutral": "Other"
      },
      "step.status": {
        "values": {
          "available": "Ready for you",
          "changes_requested": "Please correct",
          "completed": "Done",
          "in_progress": "In progress",
          "locked": "Later",
          "submitted": "Submitted",
          "waived": "Not needed"
        },
        "neutral": "In progress"
      },
      "transaction.exception": {
        "values": {
          "acknowledgment_overdue": "Acknowledgment overdue",
          "acknowledgment_rejected": "Rejected",
          "delivery_failed": "Not delivered",
          "over": "Solved",
          "processing_error": "Not processed",
          "validation_error": "Failed validation"
        },
        "neutral": "Problem"
      },
      "transaction.type": {
        "values": {
          "204": "204 load tender",
          "210": "210 freight invoice",
          "214": "214 shipment status",
          "810": "810 invoice",
          "820": "820 remittance advice",
          "824": "824 application advice",
          "830": "830 planning schedule",
          "832": "832 price catalog",
          "846": "846 inventory advice",
          "850": "850 purchase order",
          "852": "852 product activity",
          "855": "855 order acknowledgment",
          "856": "856 ship notice",
          "860": "860 order change",
          "862": "862 shipping schedule",
          "865": "865 order change acknowledgment",
          "867": "867 product transfer",
          "940": "940 warehouse order",
          "944": "944 warehouse receipt",
          "945": "945 warehouse shipment",
          "990": "990 tender response",
          "997": "997 functional acknowledgment",
          "999": "999 implementation acknowledgment",
          "APERAK": "APERAK application advice",
          "CONTRL": "CONTRL acknowledgment",
          "DELFOR": "DELFOR delivery forecast",
          "DELJIT": "DELJIT delivery call-off",
          "DESADV": "DESADV despatch advice",
          "IFTMIN": "IFTMIN transport order",
          "IFTSTA": "IFTSTA transport status",
          "INVOIC": "INVOIC invoice",
          "INVRPT": "INVRPT inventory report",
          "ORDCHG": "ORDCHG order change",
          "ORDERS": "ORDERS purchase order",
          "ORDRSP": "ORDRSP order response",
          "PRICAT": "PRICAT price catalogue",
          "RECADV": "RECADV receiving advice",
          "REMADV": "REMADV remittance advice",
          "SLSRPT": "SLSRPT sales report",
          "TA1": "TA1 interchange acknowledgment"
        },
        "neutral": "Document"
      }
    },
    "sentences": {
      "affected.unnamed": "Document",
      "affected.unnamed_standard": "Document ({standard})",
      "case.acknowledgment_overdue.next_step": "Check that your system sends a functional acknowledgment (997 or CONTRL) for each document.",
      "case.acknowledgment_overdue.subject": "No functional acknowledgment for the {document} of {reference}",
      "case.anything_else.next_step": "We are looking into it. Nothing to do for you yet.",
      "case.anything_else.subject": "{document} for {reference} could not be processed",
      "case.delivery_failed.next_step": "Check that your mailbox or AS2 endpoint accepts documents.",
      "case.delivery_failed.subject": "{document} for {reference} could not be delivered",
      "case.document_rejected.next_step": "Correct the {document} and send it again.",
      "case.document_rejected.subject": "{document} for {reference} was rejected",
      "case.invoice_rejected.next_step": "Correct the {document} and send it again; it is not paid before.",
      "case.invoice_rejected.subject": "{document} for {reference} was rejected",
      "case.our_document_rejected.next_step": "We are looking into it. Nothing to do for you yet.",
      "case.our_document_rejected.subject": "Our {document} for {reference} was rejected",
      "case.ship_notice_rejected.next_step": "Correct the {document} and send it again before the goods arrive.",
      "case.ship_notice_rejected.subject": "{document} for {reference} was rejected",
      "form.document-version": "New version of a document",
      "form.edi-setup": "EDI setup",
      "form.invoice-question": "Question about an invoice",
      "form.issue-comment": "Comment on an issue",
      "form.issue-resolution": "Answer to a solution",
      "form.onboarding-question": "Question about the onboarding",
      "form.onboarding-step": "Onboarding step",
      "form.partner-question": "Question to the partner desk",
      "form.request-answer": "Answer to a question",
      "form.ship-notice-problem": "Problem with a ship notice",
      "headline.answer": "Your answer is needed: {subject}",
      "headline.answers": {
        "one": "Your answer is needed in {count} case",
        "other": "Your answer is needed in {count} cases"
      },
      "headline.check": "Action needed: {title}",
      "headline.checks": {
        "one": "Action needed: {count} compliance check failed",
        "other": "Action needed: {count} compliance checks failed"
      },
      "headline.nothing": "No action needed",
      "headline.onboarding": "Onboarding {percent}% complete",
      "headline.passed": "All compliance checks passed",
      "headline.suspended": "Partnership suspended",
      "headline.terminated": "Partnership terminated",
      "headline.working": {
        "one": "{count} case is being worked on",
        "other": "{count} cases are being worked on"
      },
      "problem.blocked": "A newer version could not be brought here. We are looking into it.",
      "problem.changed": "A newer version arrived damaged and is not shown. We are looking into it.",
      "problem.conflict": "You and we have both changed this document. We are deciding which version counts; until then the last agreed one stays.",
      "problem.damaged": "A newer version cannot be opened, as it is damaged or incomplete, and is not shown. We are looking into it.",
      "problem.empty": "A newer version is empty and is not shown. We are looking into it.",
      "problem.failed": "A newer version could not be brought here. We are looking into it.",
      "problem.gone": "A newer version could not be brought here. We are looking into it.",
      "problem.infected": "A newer version did not pass the virus scan and is not shown.",
      "problem.macros": "A newer version has macros and is not shown. We are looking into it.",
      "problem.private_key": "A newer version holds a private key and is not shown. We are looking into it.",
      "problem.protected": "A newer version is protected by a password and is not shown. We are looking into it.",
      "problem.rich_text": "A newer version is rich text (RTF) that is called a Word document, and is not shown. We are looking into it.",
      "problem.text_table": "A newer version is plain text that is called an Excel workbook, and is not shown. We are looking into it.",
      "problem.too_large": "A newer version is too large to be shown here. Please ask us for it.",
      "problem.web_document": "A newer version is a web page (HTML) that is called a Word document, and is not shown. We are looking into it.",
      "problem.web_page": "A newer version is a web page (HTML) that is called an Excel workbook, and is not shown. We are looking into it.",
      "problem.wrong_type": "A newer version is not the kind of file that it claims to be, and is not shown.",
      "problem.xml_spreadsheet": "A newer version is an XML Spreadsheet 2003 that is called an Excel workbook, and is not shown. We are looking into it.",
      "question.document-version.base_version": "Made from version",
      "question.document-version.comment": "What has changed",
      "question.document-version.document": "Document",
      "question.document-version.file": "File",
      "question.edi-setup.acknowledges": "We send 997 or CONTRL by ourselves",
      "question.edi-setup.address": "EDI address",
      "question.edi-setup.comment": "Remarks",
      "question.edi-setup.connection": "Connection",
      "question.edi-setup.contact": "E-mail address",
      "question.edi-setup.enrollment": "Onboarding",
      "question.edi-setup.perDay": "Documents per day",
      "question.edi-setup.standard": "Standard",
      "question.edi-setup.step": "Step",
      "question.edi-setup.testFrom": "Tests can begin on",
      "question.invoice-question.company": "Company",
      "question.invoice-question.currency": "Currency",
      "question.invoice-question.email": "E-mail address",
      "question.invoice-question.files": "Attachments",
      "question.invoice-question.gln": "GLN",
      "question.invoice-question.invoiceNumber": "Invoice number",
      "question.invoice-question.invoicedUnitPrice": "Price on the invoice",
      "question.invoice-question.lineNumber": "Line",
      "question.invoice-question.name": "Your name",
      "question.invoice-question.poNumber": "Order number",
      "question.invoice-question.poUnitPrice": "Price on the order",
      "question.invoice-question.quantity": "Quantity",
      "question.invoice-question.question": "Your question",
      "question.invoice-question.tradingAddress": "EDI address",
      "question.invoice-question.website": "Website",
      "question.issue-comment.case": "Issue",
      "question.issue-comment.comment": "Your comment",
      "question.issue-comment.name": "Your name",
      "question.issue-resolution.accepted": "It is solved",
      "question.issue-resolution.case": "Issue",
      "question.issue-resolution.comment": "What is still wrong",
      "question.onboarding-question.company": "Company",
      "question.onboarding-question.email": "E-mail address",
      "question.onboarding-question.files": "Attachments",
      "question.onboarding-question.gln": "GLN",
      "question.onboarding-question.name": "Your name",
      "question.onboarding-question.question": "Your question",
      "question.onboarding-question.step": "Step",
      "question.onboarding-question.tradingAddress": "EDI address",
      "question.onboarding-question.website": "Website",
      "question.onboarding-step.comment": "Remarks",
      "question.onboarding-step.enrollment": "Onboarding",
      "question.onboarding-step.step": "Step",
      "question.partner-question.company": "Company",
      "question.partner-question.duns": "D-U-N-S number",
      "question.partner-question.email": "E-mail address",
      "question.partner-question.files": "Attachments",
      "question.partner-question.gln": "GLN",
      "question.partner-question.name": "Your name",
      "question.partner-question.question": "Your question",
      "question.partner-question.topic": "What is it about?",
      "question.partner-question.tradingAddress": "EDI address",
      "question.partner-question.website": "Website",
      "question.request-answer.comment": "Your answer",
      "question.request-answer.name": "Your name",
      "question.request-answer.request": "Request",
      "question.ship-notice-problem.alreadyShipped": "The goods are on their way",
      "question.ship-notice-problem.arrivesOn": "Arrives on",
      "question.ship-notice-problem.email": "E-mail address",
      "question.ship-notice-problem.gln": "GLN",
      "question.ship-notice-problem.name": "Your name",
      "question.ship-notice-problem.poNumber": "Order number",
      "question.ship-notice-problem.question": "What happened?",
      "question.ship-notice-problem.shipmentId": "Shipment",
      "question.ship-notice-problem.tradingAddress": "EDI address",
      "question.ship-notice-problem.website": "Website",
      "reference.invoice": "invoice {number}",
      "reference.order": "order {number}",
      "reference.shipment": "shipment {number}",
      "reference.transaction": "transaction {number}",
      "refusal.case_closed": "This issue was closed meanwhile and takes no more comments. Please send us a new question, and name the issue's number.",
      "refusal.document_closed": "This document takes no new versions any more. Please send us a question, and name the document.",
      "refusal.file_damaged": "This file cannot be opened, as it is damaged or incomplete. Please save it once more and send it again.",
      "refusal.file_known": "We have exactly this file already. Nothing has changed.",
      "refusal.file_macros": "This file has macros, which we do not take. Please save it without macros, as a workbook (.xlsx) or a document (.docx), and send it again.",
      "refusal.file_private_key": "This file holds a private key, which nobody but you may have. We have not passed it on. Replace the key, and send us only the certificate.",
      "refusal.file_protected": "This file is protected by a password, so we cannot open it. Please save it without a password and send it again.",
      "refusal.file_refused": "This file could not be taken. It may be too large, or not the kind of file that its name says. A person will look at it; you can also send another one.",
      "refusal.file_rich_text": "This file is rich text (RTF) that is called a Word document. Name it .rtf, or open it in Word and save it as a Word document (.docx), and send that.",
      "refusal.file_text_table": "This file is plain text with columns that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), or name it .csv, and send that.",
      "refusal.file_web_document": "This file is a web page (HTML) that is called a Word document. Open it in Word, save it as a Word document (.docx), and send that.",
      "refusal.file_web_page": "This file is a web page (HTML) that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), and send that.",
      "refusal.file_xml_spreadsheet": "This file is an XML Spreadsheet 2003 that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), and send that.",
      "refusal.not_found": "What this is about was not found. Open it again from your overview, or send us a question.",
      "refusal.not_resolved": "This issue is open again, so there is no solution to answer. The latest comment says how it goes on.",
      "refusal.other": "This could not be done as things are by now. Look at it again, and ask us if it is not clear.",
      "refusal.reason_missing": "Please say what is still wrong, so that the team can go on with it.",
      "refusal.request_closed": "This request was closed meanwhile and takes no more answers. Please send us a new request, and name this one's number.",
      "refusal.step_done": "This step is done already. There is nothing left to do.",
      "refusal.step_locked": "This step cannot be sent yet. Steps before it have to be completed first.",
      "refusal.step_submitted": "This step was sent already, and is being looked at.",
      "team.ap-disputes": "Accounts payable",
      "team.edi-support": "EDI support",
      "team.on-call": "On-call desk",
      "team.partner-desk": "Partner desk",
      "team.partner-onboarding": "Partner onboarding",
      "team.transportation": "Transportation",
      "team.vendor-compliance": "Vendor compliance",
      "unfit.address_check_digit": "This is not an EDI address: check digit of the GLN",
      "unfit.address_either": "This is not an EDI address: either half can be the qualifier; write the qualifier and the identifier, such as ZZ:PRAIRIEGOLD",
      "unfit.address_example": "This is not an EDI address: write the qualifier and the identifier, such as ZZ:PRAIRIEGOLD",
      "unfit.all": "{faults}",
      "unfit.bad_characters": "holds characters that are no text",
      "unfit.bad_country": "has a country that is no code of two letters, such as DE",
      "unfit.duns_characters": "This is not a D-U-N-S number: it has other characters than digits",
      "unfit.duns_length": {
        "one": "This is not a D-U-N-S number: it has one digit, and a D-U-N-S number has 9, or 13 with a suffix",
        "other": "This is not a D-U-N-S number: it has {count} digits, and a D-U-N-S number has 9, or 13 with a suffix"
      },
      "unfit.duns_shortened": "This is not a D-U-N-S number: a spreadsheet has shortened it; write all 9 digits",
      "unfit.duns_zeros": "This is not a D-U-N-S number: it has zeros only",
      "unfit.either_date": "can be {one} or {another}: write it like {one}, the year first",
      "unfit.either_number": "can be {one} or {another}: write it without separators for thousands",
      "unfit.gln_characters": "This is not a GLN: it has other characters than digits",
      "unfit.gln_check_digit": "This is not a GLN: check digit",
      "unfit.gln_length": {
        "one": "This is not a GLN: it has one digit, and a GLN has 13",
        "other": "This is not a GLN: it has {count} digits, and a GLN has 13"
      },
      "unfit.gln_shortened": "This is not a GLN: a spreadsheet has shortened it; write all 13 digits",
      "unfit.half_year": "is a date with half a year: write the year with four digits",
      "unfit.missing": "is missing",
      "unfit.not_address": "is not an address",
      "unfit.not_boolean": "is neither yes nor no",
      "unfit.not_choice": "is none of the choices",
      "unfit.not_date": "is not a date",
      "unfit.not_email": "is not an e-mail address",
      "unfit.not_files": "is no list of files",
      "unfit.not_integer": "is not a whole number",
      "unfit.not_moment": "is not a date with a time",
      "unfit.not_number": "is not a number",
      "unfit.not_phone": "is not a telephone number",
      "unfit.not_rating": "is not a rating from 1 to {highest}",
      "unfit.not_text": "is not a text",
      "unfit.not_time": "is not a time",
      "unfit.not_url": "is not a web address",
      "unfit.of": "{question}: {fault}.",
      "unfit.phone_without_country": "is a telephone number without a country code: write it like +49 30 123456",
      "unfit.too_long": "is longer than {most} characters",
      "unfit.too_many_choices": "has too many choices"
    }
  }
};
