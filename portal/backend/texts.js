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
      "invitation.role": {
        "values": {
          "admin": "Administration",
          "edi": "EDI-Kontakt",
          "finance": "Finanzen",
          "logistics": "Logistik"
        },
        "neutral": "Mitglied"
      },
      "message.channel": {
        "values": {
          "email": "E-Mail",
          "inbox": "Chatnachricht",
          "portal": "In diesem Portal"
        },
        "neutral": "Anderer Kanal"
      },
      "message.fixed": {
        "values": {
          "portal": "Das Portal zeigt jede Nachricht",
          "required": "Diese Nachrichten betreffen unsere Zusammenarbeit"
        },
        "neutral": "Immer eingeschaltet"
      },
      "message.group": {
        "values": {
          "compliance": "Compliance-Prüfungen und Nachweise",
          "documents": "Verträge und Leitfäden",
          "issues": "Vorgänge, die auf Sie warten",
          "new-issues": "Neue Vorgänge",
          "onboarding": "Onboarding-Schritte",
          "outages": "Wichtige Störungsmeldungen"
        },
        "neutral": "Weitere Nachrichten"
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
      "problem.unreachable": "Eine neuere Fassung konnte nicht hierher gebracht werden. Wir kümmern uns darum.",
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
      "refusal.file_unreachable": "Diese Datei konnte nicht von ihrem Speicherort abgerufen werden. Bitte senden Sie sie erneut.",
      "refusal.file_web_document": "Diese Datei ist eine Webseite (HTML) unter dem Namen eines Word-Dokuments. Öffnen Sie sie in Word, speichern Sie sie als Word-Dokument (.docx) und senden Sie dieses.",
      "refusal.file_web_page": "Diese Datei ist eine Webseite (HTML) unter dem Namen einer Excel-Arbeitsmappe. Öffnen Sie sie in Excel, speichern Sie sie als Excel-Arbeitsmappe (.xlsx) und senden Sie diese.",
      "refusal.file_xml_spreadsheet": "Diese Datei ist eine XML-Kalkulationstabelle 2003 unter dem Namen einer Excel-Arbeitsmappe. Öffnen Sie sie in Excel, speichern Sie sie als Excel-Arbeitsmappe (.xlsx) und senden Sie diese.",
      "refusal.not_allowed": "Ihre Rolle erlaubt das nicht. Fragen Sie die Person, die die Zugänge Ihres Unternehmens verwaltet, oder Ihre Ansprechperson beim Hub.",
      "refusal.not_found": "Worum es hier geht, wurde nicht gefunden. Öffnen Sie es noch einmal von Ihrer Übersicht aus, oder senden Sie uns eine Frage.",
      "refusal.not_resolved": "Dieser Vorgang ist wieder offen, es gibt also keine Lösung zu beantworten. Der letzte Kommentar sagt, wie es weitergeht.",
      "refusal.other": "Das war beim jetzigen Stand nicht möglich. Sehen Sie es sich noch einmal an, und fragen Sie uns, wenn es unklar ist.",
      "refusal.program_over": "Dieses Programm ist für Ihr Unternehmen beendet, seine Schritte nehmen also nichts mehr an. Bitte senden Sie uns eine Frage, wenn noch etwas offen ist.",
      "refusal.reason_missing": "Bitte sagen Sie, was noch nicht stimmt, damit das Team weiterarbeiten kann.",
      "refusal.request_closed": "Diese Anfrage wurde inzwischen geschlossen und nimmt keine Antworten mehr an. Bitte senden Sie uns eine neue Anfrage und nennen Sie die Nummer dieser.",
      "refusal.step_done": "Dieser Schritt ist schon erledigt. Es ist nichts mehr zu tun.",
      "refusal.step_locked": "Dieser Schritt kann noch nicht eingereicht werden. Zuerst müssen die Schritte davor abgeschlossen sein.",
      "refusal.step_not_yours": "Diesen Schritt erledigt unser Team. Dazu ist nichts einzureichen, und es geht weiter, sobald wir entschieden haben.",
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
      "invitation.role": {
        "values": {
          "admin": "Administrator",
          "edi": "EDI contact",
          "finance": "Finance",
          "logistics": "Logistics"
        },
        "neutral": "Team member"
      },
      "message.channel": {
        "values": {
          "email": "Email",
          "inbox": "Chat message",
          "portal": "In this portal"
        },
        "neutral": "Other channel"
      },
      "message.fixed": {
        "values": {
          "portal": "The portal lists every message",
          "required": "These messages concern your work with us"
        },
        "neutral": "This is always on"
      },
      "message.group": {
        "values": {
          "compliance": "Compliance reviews and certificates",
          "documents": "Agreements and guides",
          "issues": "Issues that wait for you",
          "new-issues": "New issues",
          "onboarding": "Onboarding steps",
          "outages": "Major service notices"
        },
        "neutral": "Other messages"
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
      "problem.unreachable": "A newer version could not be brought here. We are looking into it.",
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
      "refusal.file_unreachable": "This file could not be fetched from where it was stored. Please send it again.",
      "refusal.file_web_document": "This file is a web page (HTML) that is called a Word document. Open it in Word, save it as a Word document (.docx), and send that.",
      "refusal.file_web_page": "This file is a web page (HTML) that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), and send that.",
      "refusal.file_xml_spreadsheet": "This file is an XML Spreadsheet 2003 that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), and send that.",
      "refusal.not_allowed": "Your role does not allow this. Ask the person who manages your company’s access, or your contact at the hub.",
      "refusal.not_found": "What this is about was not found. Open it again from your overview, or send us a question.",
      "refusal.not_resolved": "This issue is open again, so there is no solution to answer. The latest comment says how it goes on.",
      "refusal.other": "This could not be done as things are by now. Look at it again, and ask us if it is not clear.",
      "refusal.program_over": "This program is over for your company, so its steps take nothing more. Please send us a question if something is still open.",
      "refusal.reason_missing": "Please say what is still wrong, so that the team can go on with it.",
      "refusal.request_closed": "This request was closed meanwhile and takes no more answers. Please send us a new request, and name this one's number.",
      "refusal.step_done": "This step is done already. There is nothing left to do.",
      "refusal.step_locked": "This step cannot be sent yet. Steps before it have to be completed first.",
      "refusal.step_not_yours": "Our team does this step. There is nothing to send for it, and it goes on once we have decided.",
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
  },
  "es": {
    "labels": {
      "case.category": {
        "values": {
          "access": "Acceso",
          "asn_rejection": "Aviso de embarque (ASN)",
          "compliance": "Cumplimiento",
          "connectivity": "Conexión",
          "invoice_discrepancy": "Factura",
          "label_quality": "Etiquetas",
          "onboarding": "Incorporación",
          "other": "Otro",
          "po_mismatch": "Orden de compra"
        },
        "neutral": "Otro"
      },
      "case.priority": {
        "values": {
          "critical": "Crítica",
          "high": "Alta",
          "low": "Baja",
          "normal": "Normal"
        },
        "neutral": "Normal"
      },
      "case.status": {
        "values": {
          "awaiting_internal": "Estamos trabajando en ello",
          "awaiting_partner": "En espera de su respuesta",
          "cancelled": "Cancelado",
          "closed": "Cerrado",
          "new": "Nuevo",
          "open": "En curso",
          "resolved": "Resuelto"
        },
        "neutral": "En curso"
      },
      "component.state": {
        "values": {
          "degraded": "Lento",
          "major_outage": "Fuera de servicio",
          "operational": "En servicio",
          "partial_outage": "Interrupción parcial",
          "under_maintenance": "En mantenimiento"
        },
        "neutral": "Desconocido"
      },
      "document.category": {
        "values": {
          "agreement": "Convenio",
          "implementation_guide": "Guía de implementación",
          "insurance": "Seguro",
          "label_spec": "Especificación de etiqueta",
          "other": "Otro",
          "routing_guide": "Guía de enrutamiento",
          "tax_form": "Formulario fiscal",
          "test_evidence": "Evidencia de pruebas"
        },
        "neutral": "Documento"
      },
      "document.review": {
        "values": {
          "in_review": "En revisión",
          "infected": "No pasó el análisis antivirus",
          "rejected": "No aceptada"
        },
        "neutral": "En revisión"
      },
      "document.status": {
        "values": {
          "expired": "Vencido",
          "in_review": "En revisión",
          "published": "Vigente"
        },
        "neutral": "En preparación"
      },
      "enrollment.status": {
        "values": {
          "completed": "Completada",
          "expired": "Vencida",
          "in_progress": "En curso",
          "invited": "Invitación enviada",
          "on_hold": "En pausa",
          "rejected": "Rechazada",
          "withdrawn": "Retirada"
        },
        "neutral": "En curso"
      },
      "invitation.role": {
        "values": {
          "admin": "Administración",
          "edi": "Contacto de EDI",
          "finance": "Finanzas",
          "logistics": "Logística"
        },
        "neutral": "Miembro"
      },
      "message.channel": {
        "values": {
          "email": "Correo electrónico",
          "inbox": "Mensaje de chat",
          "portal": "En este portal"
        },
        "neutral": "Otro canal"
      },
      "message.fixed": {
        "values": {
          "portal": "El portal muestra todos los mensajes",
          "required": "Estos mensajes se refieren a nuestra colaboración"
        },
        "neutral": "Siempre activado"
      },
      "message.group": {
        "values": {
          "compliance": "Verificaciones de cumplimiento y certificados",
          "documents": "Convenios y guías",
          "issues": "Casos que esperan su respuesta",
          "new-issues": "Casos nuevos",
          "onboarding": "Pasos de incorporación",
          "outages": "Avisos de servicio importantes"
        },
        "neutral": "Otros mensajes"
      },
      "notice.impact": {
        "values": {
          "critical": "Crítico",
          "major": "Mayor",
          "minor": "Menor",
          "none": "Ninguno"
        },
        "neutral": "Desconocido"
      },
      "notice.kind": {
        "values": {
          "advisory": "Información",
          "incident": "Incidente",
          "maintenance": "Mantenimiento"
        },
        "neutral": "Aviso"
      },
      "notice.status": {
        "values": {
          "cancelled": "Cancelado",
          "completed": "Completado",
          "identified": "Causa encontrada",
          "in_progress": "En curso",
          "investigating": "En investigación",
          "monitoring": "En observación",
          "published": "Publicado",
          "resolved": "Resuelto",
          "scheduled": "Programado",
          "verifying": "En verificación",
          "withdrawn": "Retirado"
        },
        "neutral": "En curso"
      },
      "request.status": {
        "values": {
          "completed": "Completada",
          "done": "Completada",
          "duplicate": "Combinada con otra solicitud",
          "in_progress": "En curso",
          "not_possible": "No es posible",
          "received": "Recibida",
          "rejected": "Rechazada",
          "triaged": "Con el equipo",
          "waiting_on_partner": "En espera de su respuesta"
        },
        "neutral": "En curso"
      },
      "request.title": {
        "values": {},
        "neutral": "Solicitud"
      },
      "step.kind": {
        "values": {
          "approval": "Aprobación",
          "check": "Verificación",
          "document": "Documento",
          "form": "Formulario",
          "info": "Información",
          "test": "Prueba"
        },
        "neutral": "Tarea"
      },
      "step.owner": {
        "values": {
          "hub": "Nosotros",
          "joint": "Ambos",
          "partner": "Usted"
        },
        "neutral": "Ambos"
      },
      "step.phase": {
        "values": {
          "compliance": "Cumplimiento",
          "connectivity": "Conexión",
          "go_live": "Puesta en producción",
          "setup": "Configuración",
          "testing": "Pruebas"
        },
        "neutral": "Otro"
      },
      "step.status": {
        "values": {
          "available": "Listo para usted",
          "changes_requested": "Por corregir",
          "completed": "Completado",
          "in_progress": "En curso",
          "locked": "Más adelante",
          "submitted": "Enviado",
          "waived": "No necesario"
        },
        "neutral": "En curso"
      },
      "transaction.exception": {
        "values": {
          "acknowledgment_overdue": "Acuse de recibo vencido",
          "acknowledgment_rejected": "Rechazado",
          "delivery_failed": "No entregado",
          "over": "Resuelto",
          "processing_error": "No procesado",
          "validation_error": "Validación fallida"
        },
        "neutral": "Problema"
      },
      "transaction.type": {
        "values": {
          "204": "204 oferta de carga",
          "210": "210 factura de flete",
          "214": "214 estado del embarque",
          "810": "810 factura",
          "820": "820 aviso de pago",
          "824": "824 aviso de aplicación",
          "830": "830 programa de planeación",
          "832": "832 catálogo de precios",
          "846": "846 aviso de inventario",
          "850": "850 orden de compra",
          "852": "852 actividad de productos",
          "855": "855 acuse de recibo de la orden de compra",
          "856": "856 aviso de embarque",
          "860": "860 cambio de la orden de compra",
          "862": "862 programa de embarques",
          "865": "865 acuse de recibo del cambio de la orden de compra",
          "867": "867 transferencia de productos",
          "940": "940 orden de almacén",
          "944": "944 recepción en almacén",
          "945": "945 embarque de almacén",
          "990": "990 respuesta a la oferta de carga",
          "997": "997 acuse de recibo funcional",
          "999": "999 acuse de recibo de implementación",
          "APERAK": "APERAK aviso de aplicación",
          "CONTRL": "CONTRL acuse de recibo",
          "DELFOR": "DELFOR pronóstico de entregas",
          "DELJIT": "DELJIT solicitud de entrega",
          "DESADV": "DESADV aviso de embarque",
          "IFTMIN": "IFTMIN orden de transporte",
          "IFTSTA": "IFTSTA estado del transporte",
          "INVOIC": "INVOIC factura",
          "INVRPT": "INVRPT reporte de inventario",
          "ORDCHG": "ORDCHG cambio de la orden de compra",
          "ORDERS": "ORDERS orden de compra",
          "ORDRSP": "ORDRSP respuesta a la orden de compra",
          "PRICAT": "PRICAT catálogo de precios",
          "RECADV": "RECADV aviso de recepción",
          "REMADV": "REMADV aviso de pago",
          "SLSRPT": "SLSRPT reporte de ventas",
          "TA1": "TA1 acuse de recibo del intercambio"
        },
        "neutral": "Documento"
      }
    },
    "sentences": {
      "affected.unnamed": "Documento",
      "affected.unnamed_standard": "Documento ({standard})",
      "case.acknowledgment_overdue.next_step": "Verifique que su sistema envíe un acuse de recibo funcional (997 o CONTRL) por cada documento.",
      "case.acknowledgment_overdue.subject": "Sin acuse de recibo funcional – {document} ({reference})",
      "case.anything_else.next_step": "Lo estamos revisando. Por ahora no tiene que hacer nada.",
      "case.anything_else.subject": "Documento no procesado – {document} ({reference})",
      "case.delivery_failed.next_step": "Verifique que su buzón o su punto de conexión AS2 acepte documentos.",
      "case.delivery_failed.subject": "Documento no entregado – {document} ({reference})",
      "case.document_rejected.next_step": "Corrija el documento ({document}) y envíelo de nuevo.",
      "case.document_rejected.subject": "Documento rechazado – {document} ({reference})",
      "case.invoice_rejected.next_step": "Corrija el documento ({document}) y envíelo de nuevo; antes no se paga.",
      "case.invoice_rejected.subject": "Documento rechazado – {document} ({reference})",
      "case.our_document_rejected.next_step": "Lo estamos revisando. Por ahora no tiene que hacer nada.",
      "case.our_document_rejected.subject": "Nuestro documento fue rechazado – {document} ({reference})",
      "case.ship_notice_rejected.next_step": "Corrija el documento ({document}) y envíelo de nuevo antes de que llegue la mercancía.",
      "case.ship_notice_rejected.subject": "Documento rechazado – {document} ({reference})",
      "form.document-version": "Versión nueva de un documento",
      "form.edi-setup": "Configuración de EDI",
      "form.invoice-question": "Pregunta sobre una factura",
      "form.issue-comment": "Comentario sobre un caso",
      "form.issue-resolution": "Respuesta a una solución",
      "form.onboarding-question": "Pregunta sobre la incorporación",
      "form.onboarding-step": "Paso de incorporación",
      "form.partner-question": "Pregunta a atención a socios",
      "form.request-answer": "Respuesta a una pregunta",
      "form.ship-notice-problem": "Problema con un aviso de embarque",
      "headline.answer": "Se necesita su respuesta: {subject}",
      "headline.answers": {
        "one": "Se necesita su respuesta en {count} caso",
        "other": "Se necesita su respuesta en {count} casos"
      },
      "headline.check": "Acción necesaria: {title}",
      "headline.checks": {
        "one": "Acción necesaria: {count} verificación de cumplimiento no se aprobó",
        "other": "Acción necesaria: {count} verificaciones de cumplimiento no se aprobaron"
      },
      "headline.nothing": "No se necesita ninguna acción",
      "headline.onboarding": "Incorporación completada al {percent}%",
      "headline.passed": "Todas las verificaciones de cumplimiento se aprobaron",
      "headline.suspended": "Relación comercial suspendida",
      "headline.terminated": "Relación comercial terminada",
      "headline.working": {
        "one": "{count} caso está en proceso",
        "other": "{count} casos están en proceso"
      },
      "problem.blocked": "No se pudo traer aquí una versión más reciente. Lo estamos revisando.",
      "problem.changed": "Una versión más reciente llegó dañada y no se muestra. Lo estamos revisando.",
      "problem.conflict": "Usted y nosotros modificamos este documento. Estamos decidiendo qué versión vale; hasta entonces se conserva la última acordada.",
      "problem.damaged": "Una versión más reciente está dañada o incompleta, no se puede abrir y no se muestra. Lo estamos revisando.",
      "problem.empty": "Una versión más reciente está vacía y no se muestra. Lo estamos revisando.",
      "problem.failed": "No se pudo traer aquí una versión más reciente. Lo estamos revisando.",
      "problem.gone": "No se pudo traer aquí una versión más reciente. Lo estamos revisando.",
      "problem.infected": "Una versión más reciente no pasó el análisis antivirus y no se muestra.",
      "problem.macros": "Una versión más reciente contiene macros y no se muestra. Lo estamos revisando.",
      "problem.private_key": "Una versión más reciente contiene una clave privada y no se muestra. Lo estamos revisando.",
      "problem.protected": "Una versión más reciente está protegida con contraseña y no se muestra. Lo estamos revisando.",
      "problem.rich_text": "Una versión más reciente es texto enriquecido (RTF) con nombre de documento de Word y no se muestra. Lo estamos revisando.",
      "problem.text_table": "Una versión más reciente es texto sin formato con nombre de libro de Excel y no se muestra. Lo estamos revisando.",
      "problem.too_large": "Una versión más reciente es demasiado grande para mostrarse aquí. Pídanosla.",
      "problem.unreachable": "No se pudo traer aquí una versión más reciente. Lo estamos revisando.",
      "problem.web_document": "Una versión más reciente es una página web (HTML) con nombre de documento de Word y no se muestra. Lo estamos revisando.",
      "problem.web_page": "Una versión más reciente es una página web (HTML) con nombre de libro de Excel y no se muestra. Lo estamos revisando.",
      "problem.wrong_type": "Una versión más reciente no es del tipo de archivo que dice ser y no se muestra.",
      "problem.xml_spreadsheet": "Una versión más reciente es una hoja de cálculo XML 2003 con nombre de libro de Excel y no se muestra. Lo estamos revisando.",
      "question.document-version.base_version": "Hecha a partir de la versión",
      "question.document-version.comment": "Qué cambió",
      "question.document-version.document": "Documento",
      "question.document-version.file": "Archivo",
      "question.edi-setup.acknowledges": "Enviamos 997 o CONTRL por nuestra cuenta",
      "question.edi-setup.address": "Dirección EDI",
      "question.edi-setup.comment": "Observaciones",
      "question.edi-setup.connection": "Conexión",
      "question.edi-setup.contact": "Correo electrónico",
      "question.edi-setup.enrollment": "Incorporación",
      "question.edi-setup.perDay": "Documentos por día",
      "question.edi-setup.standard": "Estándar",
      "question.edi-setup.step": "Paso",
      "question.edi-setup.testFrom": "Las pruebas pueden empezar el",
      "question.invoice-question.company": "Empresa",
      "question.invoice-question.currency": "Moneda",
      "question.invoice-question.email": "Correo electrónico",
      "question.invoice-question.files": "Archivos adjuntos",
      "question.invoice-question.invoiceNumber": "Número de factura",
      "question.invoice-question.invoicedUnitPrice": "Precio en la factura",
      "question.invoice-question.lineNumber": "Partida",
      "question.invoice-question.name": "Su nombre",
      "question.invoice-question.poNumber": "Número de orden de compra",
      "question.invoice-question.poUnitPrice": "Precio en la orden de compra",
      "question.invoice-question.quantity": "Cantidad",
      "question.invoice-question.question": "Su pregunta",
      "question.invoice-question.tradingAddress": "Dirección EDI",
      "question.invoice-question.website": "Sitio web",
      "question.issue-comment.case": "Caso",
      "question.issue-comment.comment": "Su comentario",
      "question.issue-comment.name": "Su nombre",
      "question.issue-resolution.accepted": "Está resuelto",
      "question.issue-resolution.case": "Caso",
      "question.issue-resolution.comment": "Qué sigue mal",
      "question.onboarding-question.company": "Empresa",
      "question.onboarding-question.email": "Correo electrónico",
      "question.onboarding-question.files": "Archivos adjuntos",
      "question.onboarding-question.name": "Su nombre",
      "question.onboarding-question.question": "Su pregunta",
      "question.onboarding-question.step": "Paso",
      "question.onboarding-question.tradingAddress": "Dirección EDI",
      "question.onboarding-question.website": "Sitio web",
      "question.onboarding-step.comment": "Observaciones",
      "question.onboarding-step.enrollment": "Incorporación",
      "question.onboarding-step.step": "Paso",
      "question.partner-question.company": "Empresa",
      "question.partner-question.duns": "Número D-U-N-S",
      "question.partner-question.email": "Correo electrónico",
      "question.partner-question.files": "Archivos adjuntos",
      "question.partner-question.name": "Su nombre",
      "question.partner-question.question": "Su pregunta",
      "question.partner-question.topic": "¿De qué se trata?",
      "question.partner-question.tradingAddress": "Dirección EDI",
      "question.partner-question.website": "Sitio web",
      "question.request-answer.comment": "Su respuesta",
      "question.request-answer.name": "Su nombre",
      "question.request-answer.request": "Solicitud",
      "question.ship-notice-problem.alreadyShipped": "La mercancía está en camino",
      "question.ship-notice-problem.arrivesOn": "Llega el",
      "question.ship-notice-problem.email": "Correo electrónico",
      "question.ship-notice-problem.name": "Su nombre",
      "question.ship-notice-problem.poNumber": "Número de orden de compra",
      "question.ship-notice-problem.question": "¿Qué pasó?",
      "question.ship-notice-problem.shipmentId": "Embarque",
      "question.ship-notice-problem.tradingAddress": "Dirección EDI",
      "question.ship-notice-problem.website": "Sitio web",
      "reference.invoice": "factura {number}",
      "reference.order": "orden de compra {number}",
      "reference.shipment": "embarque {number}",
      "reference.transaction": "transacción {number}",
      "refusal.case_closed": "Este caso se cerró entretanto y ya no acepta comentarios. Envíenos una pregunta nueva e indique el número del caso.",
      "refusal.document_closed": "Este documento ya no acepta versiones nuevas. Envíenos una pregunta e indique el documento.",
      "refusal.file_damaged": "Este archivo está dañado o incompleto y no se puede abrir. Guárdelo una vez más y envíelo de nuevo.",
      "refusal.file_known": "Ya tenemos exactamente este archivo. No ha cambiado nada.",
      "refusal.file_macros": "Este archivo contiene macros, que no aceptamos. Guárdelo sin macros, como libro (.xlsx) o documento (.docx), y envíelo de nuevo.",
      "refusal.file_private_key": "Este archivo contiene una clave privada, que nadie más que usted debe tener. No lo hemos transmitido. Reemplace la clave y envíenos solo el certificado.",
      "refusal.file_protected": "Este archivo está protegido con contraseña, por lo que no podemos abrirlo. Guárdelo sin contraseña y envíelo de nuevo.",
      "refusal.file_refused": "No se pudo aceptar este archivo. Puede ser demasiado grande o no ser del tipo que indica su nombre. Una persona lo revisará; también puede enviar otro.",
      "refusal.file_rich_text": "Este archivo es texto enriquecido (RTF) con nombre de documento de Word. Póngale la extensión .rtf, o ábralo en Word y guárdelo como documento de Word (.docx), y envíe ese.",
      "refusal.file_text_table": "Este archivo es texto en columnas con nombre de libro de Excel. Ábralo en Excel y guárdelo como libro de Excel (.xlsx), o póngale la extensión .csv, y envíe ese.",
      "refusal.file_unreachable": "No se pudo obtener este archivo del lugar donde estaba guardado. Envíelo de nuevo.",
      "refusal.file_web_document": "Este archivo es una página web (HTML) con nombre de documento de Word. Ábralo en Word, guárdelo como documento de Word (.docx) y envíe ese.",
      "refusal.file_web_page": "Este archivo es una página web (HTML) con nombre de libro de Excel. Ábralo en Excel, guárdelo como libro de Excel (.xlsx) y envíe ese.",
      "refusal.file_xml_spreadsheet": "Este archivo es una hoja de cálculo XML 2003 con nombre de libro de Excel. Ábralo en Excel, guárdelo como libro de Excel (.xlsx) y envíe ese.",
      "refusal.not_allowed": "Su función no lo permite. Consulte a quien administra los accesos de su empresa o a su persona de contacto.",
      "refusal.not_found": "No se encontró aquello de lo que se trata. Ábralo de nuevo desde su resumen o envíenos una pregunta.",
      "refusal.not_resolved": "Este caso está abierto de nuevo, por lo que no hay una solución que responder. El último comentario indica cómo continúa.",
      "refusal.other": "No fue posible en el estado actual. Consúltelo de nuevo y pregúntenos si no queda claro.",
      "refusal.program_over": "Este programa ha terminado para su empresa, por lo que sus pasos ya no aceptan nada. Envíenos una pregunta si queda algo pendiente.",
      "refusal.reason_missing": "Indique qué sigue mal, para que el equipo pueda continuar.",
      "refusal.request_closed": "Esta solicitud se cerró entretanto y ya no acepta respuestas. Envíenos una solicitud nueva e indique el número de esta.",
      "refusal.step_done": "Este paso ya está completado. No queda nada por hacer.",
      "refusal.step_locked": "Este paso todavía no se puede enviar. Primero deben completarse los pasos anteriores.",
      "refusal.step_not_yours": "De este paso se encarga nuestro equipo. No hay nada que enviar, y se seguirá en cuanto hayamos decidido.",
      "refusal.step_submitted": "Este paso ya se envió y está en revisión.",
      "team.ap-disputes": "Cuentas por pagar",
      "team.edi-support": "Soporte EDI",
      "team.on-call": "Equipo de guardia",
      "team.partner-desk": "Atención a socios",
      "team.partner-onboarding": "Incorporación de socios",
      "team.transportation": "Transporte",
      "team.vendor-compliance": "Cumplimiento de proveedores",
      "unfit.address_check_digit": "Esto no es una dirección EDI: el dígito verificador del GLN es incorrecto",
      "unfit.address_either": "Esto no es una dirección EDI: cualquiera de las dos partes puede ser el calificador; escriba el calificador y el identificador, por ejemplo ZZ:PRAIRIEGOLD",
      "unfit.address_example": "Esto no es una dirección EDI: escriba el calificador y el identificador, por ejemplo ZZ:PRAIRIEGOLD",
      "unfit.all": "{faults}",
      "unfit.bad_characters": "contiene caracteres que no son texto",
      "unfit.bad_country": "tiene un país que no es un código de dos letras, por ejemplo MX",
      "unfit.duns_characters": "Esto no es un número D-U-N-S: tiene caracteres que no son dígitos",
      "unfit.duns_length": {
        "one": "Esto no es un número D-U-N-S: tiene {count} dígito, y un número D-U-N-S tiene 9, o 13 con sufijo",
        "other": "Esto no es un número D-U-N-S: tiene {count} dígitos, y un número D-U-N-S tiene 9, o 13 con sufijo"
      },
      "unfit.duns_shortened": "Esto no es un número D-U-N-S: una hoja de cálculo lo acortó; escriba los 9 dígitos",
      "unfit.duns_zeros": "Esto no es un número D-U-N-S: solo tiene ceros",
      "unfit.either_date": "puede ser {one} o {another}: escríbala como {one}, primero el año",
      "unfit.either_number": "puede ser {one} o {another}: escríbalo sin separadores de miles",
      "unfit.gln_characters": "Esto no es un GLN: tiene caracteres que no son dígitos",
      "unfit.gln_check_digit": "Esto no es un GLN: el dígito verificador es incorrecto",
      "unfit.gln_length": {
        "one": "Esto no es un GLN: tiene {count} dígito, y un GLN tiene 13",
        "other": "Esto no es un GLN: tiene {count} dígitos, y un GLN tiene 13"
      },
      "unfit.gln_shortened": "Esto no es un GLN: una hoja de cálculo lo acortó; escriba los 13 dígitos",
      "unfit.half_year": "es una fecha con el año incompleto: escriba el año con cuatro dígitos",
      "unfit.missing": "falta la respuesta",
      "unfit.not_address": "no es una dirección",
      "unfit.not_boolean": "no es ni sí ni no",
      "unfit.not_choice": "no es ninguna de las opciones",
      "unfit.not_date": "no es una fecha",
      "unfit.not_email": "no es un correo electrónico",
      "unfit.not_files": "no es una lista de archivos",
      "unfit.not_integer": "no es un número entero",
      "unfit.not_moment": "no es una fecha con hora",
      "unfit.not_number": "no es un número",
      "unfit.not_phone": "no es un número de teléfono",
      "unfit.not_rating": "no es una calificación del 1 al {highest}",
      "unfit.not_text": "no es un texto",
      "unfit.not_time": "no es una hora",
      "unfit.not_url": "no es una dirección web",
      "unfit.of": "{question}: {fault}.",
      "unfit.phone_without_country": "es un número de teléfono sin código de país: escríbalo así: +52 55 5555 0123",
      "unfit.too_long": "tiene más de {most} caracteres",
      "unfit.too_many_choices": "tiene demasiadas opciones"
    }
  },
  "fr": {
    "labels": {
      "case.category": {
        "values": {
          "access": "Accès",
          "asn_rejection": "Avis d’expédition (ASN)",
          "compliance": "Conformité",
          "connectivity": "Connexion",
          "invoice_discrepancy": "Facture",
          "label_quality": "Étiquettes",
          "onboarding": "Intégration",
          "other": "Autre",
          "po_mismatch": "Bon de commande"
        },
        "neutral": "Autre"
      },
      "case.priority": {
        "values": {
          "critical": "Critique",
          "high": "Élevée",
          "low": "Faible",
          "normal": "Normale"
        },
        "neutral": "Normale"
      },
      "case.status": {
        "values": {
          "awaiting_internal": "Nous y travaillons",
          "awaiting_partner": "En attente de votre réponse",
          "cancelled": "Annulé",
          "closed": "Fermé",
          "new": "Nouveau",
          "open": "En cours",
          "resolved": "Résolu"
        },
        "neutral": "En cours"
      },
      "component.state": {
        "values": {
          "degraded": "Lent",
          "major_outage": "En panne",
          "operational": "En service",
          "partial_outage": "Panne partielle",
          "under_maintenance": "En entretien"
        },
        "neutral": "Inconnu"
      },
      "document.category": {
        "values": {
          "agreement": "Entente",
          "implementation_guide": "Guide d’implantation",
          "insurance": "Assurance",
          "label_spec": "Spécification d’étiquette",
          "other": "Autre",
          "routing_guide": "Guide d’acheminement",
          "tax_form": "Formulaire fiscal",
          "test_evidence": "Preuve d’essai"
        },
        "neutral": "Document"
      },
      "document.review": {
        "values": {
          "in_review": "En révision",
          "infected": "Analyse antivirus non réussie",
          "rejected": "Non acceptée"
        },
        "neutral": "En révision"
      },
      "document.status": {
        "values": {
          "expired": "Expiré",
          "in_review": "En révision",
          "published": "En vigueur"
        },
        "neutral": "En préparation"
      },
      "enrollment.status": {
        "values": {
          "completed": "Terminée",
          "expired": "Expirée",
          "in_progress": "En cours",
          "invited": "Invitation envoyée",
          "on_hold": "En suspens",
          "rejected": "Refusée",
          "withdrawn": "Retirée"
        },
        "neutral": "En cours"
      },
      "invitation.role": {
        "values": {
          "admin": "Administration",
          "edi": "Contact EDI",
          "finance": "Finances",
          "logistics": "Logistique"
        },
        "neutral": "Membre"
      },
      "message.channel": {
        "values": {
          "email": "Courriel",
          "inbox": "Message de clavardage",
          "portal": "Dans ce portail"
        },
        "neutral": "Autre canal"
      },
      "message.fixed": {
        "values": {
          "portal": "Le portail affiche chaque message",
          "required": "Ces messages concernent notre collaboration"
        },
        "neutral": "Toujours activé"
      },
      "message.group": {
        "values": {
          "compliance": "Vérifications de conformité et certificats",
          "documents": "Ententes et guides",
          "issues": "Dossiers qui attendent votre réponse",
          "new-issues": "Nouveaux dossiers",
          "onboarding": "Étapes d’intégration",
          "outages": "Avis de service importants"
        },
        "neutral": "Autres messages"
      },
      "notice.impact": {
        "values": {
          "critical": "Critique",
          "major": "Majeure",
          "minor": "Mineure",
          "none": "Aucune"
        },
        "neutral": "Inconnue"
      },
      "notice.kind": {
        "values": {
          "advisory": "Information",
          "incident": "Incident",
          "maintenance": "Entretien"
        },
        "neutral": "Avis"
      },
      "notice.status": {
        "values": {
          "cancelled": "Annulé",
          "completed": "Terminé",
          "identified": "Cause trouvée",
          "in_progress": "En cours",
          "investigating": "En cours d’analyse",
          "monitoring": "Sous surveillance",
          "published": "Publié",
          "resolved": "Résolu",
          "scheduled": "Prévu",
          "verifying": "En vérification",
          "withdrawn": "Retiré"
        },
        "neutral": "En cours"
      },
      "request.status": {
        "values": {
          "completed": "Terminée",
          "done": "Terminée",
          "duplicate": "Fusionnée avec une autre demande",
          "in_progress": "En cours",
          "not_possible": "Impossible",
          "received": "Reçue",
          "rejected": "Refusée",
          "triaged": "Transmise à l’équipe",
          "waiting_on_partner": "En attente de votre réponse"
        },
        "neutral": "En cours"
      },
      "request.title": {
        "values": {},
        "neutral": "Demande"
      },
      "step.kind": {
        "values": {
          "approval": "Approbation",
          "check": "Vérification",
          "document": "Document",
          "form": "Formulaire",
          "info": "Information",
          "test": "Essai"
        },
        "neutral": "Tâche"
      },
      "step.owner": {
        "values": {
          "hub": "Nous",
          "joint": "Les deux",
          "partner": "Vous"
        },
        "neutral": "Les deux"
      },
      "step.phase": {
        "values": {
          "compliance": "Conformité",
          "connectivity": "Connexion",
          "go_live": "Mise en production",
          "setup": "Configuration",
          "testing": "Essais"
        },
        "neutral": "Autre"
      },
      "step.status": {
        "values": {
          "available": "À vous d’agir",
          "changes_requested": "À corriger",
          "completed": "Terminée",
          "in_progress": "En cours",
          "locked": "Plus tard",
          "submitted": "Soumise",
          "waived": "Non requise"
        },
        "neutral": "En cours"
      },
      "transaction.exception": {
        "values": {
          "acknowledgment_overdue": "Accusé de réception en retard",
          "acknowledgment_rejected": "Refusé",
          "delivery_failed": "Non livré",
          "over": "Résolu",
          "processing_error": "Non traité",
          "validation_error": "Échec de la validation"
        },
        "neutral": "Problème"
      },
      "transaction.type": {
        "values": {
          "204": "204 offre de chargement",
          "210": "210 facture de transport",
          "214": "214 état de l’expédition",
          "810": "810 facture",
          "820": "820 avis de paiement",
          "824": "824 avis d’application",
          "830": "830 programme de planification",
          "832": "832 catalogue de prix",
          "846": "846 avis de stock",
          "850": "850 bon de commande",
          "852": "852 activité des produits",
          "855": "855 accusé de réception de commande",
          "856": "856 avis d’expédition",
          "860": "860 modification de commande",
          "862": "862 programme d’expédition",
          "865": "865 accusé de réception de modification de commande",
          "867": "867 transfert de produits",
          "940": "940 ordre d’entrepôt",
          "944": "944 réception en entrepôt",
          "945": "945 expédition d’entrepôt",
          "990": "990 réponse à l’offre de chargement",
          "997": "997 accusé de réception fonctionnel",
          "999": "999 accusé de réception d’implantation",
          "APERAK": "APERAK avis d’application",
          "CONTRL": "CONTRL accusé de réception",
          "DELFOR": "DELFOR prévisions de livraison",
          "DELJIT": "DELJIT appel de livraison",
          "DESADV": "DESADV avis d’expédition",
          "IFTMIN": "IFTMIN ordre de transport",
          "IFTSTA": "IFTSTA état du transport",
          "INVOIC": "INVOIC facture",
          "INVRPT": "INVRPT rapport de stock",
          "ORDCHG": "ORDCHG modification de commande",
          "ORDERS": "ORDERS bon de commande",
          "ORDRSP": "ORDRSP réponse à la commande",
          "PRICAT": "PRICAT catalogue de prix",
          "RECADV": "RECADV avis de réception",
          "REMADV": "REMADV avis de paiement",
          "SLSRPT": "SLSRPT rapport de ventes",
          "TA1": "TA1 accusé de réception d’échange"
        },
        "neutral": "Document"
      }
    },
    "sentences": {
      "affected.unnamed": "Document",
      "affected.unnamed_standard": "Document ({standard})",
      "case.acknowledgment_overdue.next_step": "Vérifiez que votre système envoie un accusé de réception fonctionnel (997 ou CONTRL) pour chaque document.",
      "case.acknowledgment_overdue.subject": "Sans accusé de réception fonctionnel – {document} ({reference})",
      "case.anything_else.next_step": "Nous examinons la question. Vous n’avez rien à faire pour le moment.",
      "case.anything_else.subject": "Document non traité – {document} ({reference})",
      "case.delivery_failed.next_step": "Vérifiez que votre boîte aux lettres ou votre point de terminaison AS2 accepte les documents.",
      "case.delivery_failed.subject": "Document non livré – {document} ({reference})",
      "case.document_rejected.next_step": "Corrigez le document ({document}) et renvoyez-le.",
      "case.document_rejected.subject": "Document refusé – {document} ({reference})",
      "case.invoice_rejected.next_step": "Corrigez le document ({document}) et renvoyez-le; il n’est pas payé avant.",
      "case.invoice_rejected.subject": "Document refusé – {document} ({reference})",
      "case.our_document_rejected.next_step": "Nous examinons la question. Vous n’avez rien à faire pour le moment.",
      "case.our_document_rejected.subject": "Notre document a été refusé – {document} ({reference})",
      "case.ship_notice_rejected.next_step": "Corrigez le document ({document}) et renvoyez-le avant l’arrivée des marchandises.",
      "case.ship_notice_rejected.subject": "Document refusé – {document} ({reference})",
      "form.document-version": "Nouvelle version d’un document",
      "form.edi-setup": "Configuration de l’EDI",
      "form.invoice-question": "Question sur une facture",
      "form.issue-comment": "Commentaire sur un dossier",
      "form.issue-resolution": "Réponse à une solution",
      "form.onboarding-question": "Question sur l’intégration",
      "form.onboarding-step": "Étape d’intégration",
      "form.partner-question": "Question au service aux partenaires",
      "form.request-answer": "Réponse à une question",
      "form.ship-notice-problem": "Problème avec un avis d’expédition",
      "headline.answer": "Votre réponse est requise : {subject}",
      "headline.answers": {
        "one": "Votre réponse est requise dans {count} dossier",
        "other": "Votre réponse est requise dans {count} dossiers"
      },
      "headline.check": "Action requise : {title}",
      "headline.checks": {
        "one": "Action requise : {count} vérification de conformité a échoué",
        "other": "Action requise : {count} vérifications de conformité ont échoué"
      },
      "headline.nothing": "Aucune action requise",
      "headline.onboarding": "Intégration terminée à {percent} %",
      "headline.passed": "Toutes les vérifications de conformité sont réussies",
      "headline.suspended": "Partenariat suspendu",
      "headline.terminated": "Partenariat terminé",
      "headline.working": {
        "one": "{count} dossier est en traitement",
        "other": "{count} dossiers sont en traitement"
      },
      "problem.blocked": "Une version plus récente n’a pas pu être transférée ici. Nous examinons la question.",
      "problem.changed": "Une version plus récente est arrivée endommagée et n’est pas affichée. Nous examinons la question.",
      "problem.conflict": "Vous et nous avons tous deux modifié ce document. Nous déterminons quelle version est valable; d’ici là, la dernière version convenue reste en place.",
      "problem.damaged": "Une version plus récente est endommagée ou incomplète, ne peut pas être ouverte et n’est pas affichée. Nous examinons la question.",
      "problem.empty": "Une version plus récente est vide et n’est pas affichée. Nous examinons la question.",
      "problem.failed": "Une version plus récente n’a pas pu être transférée ici. Nous examinons la question.",
      "problem.gone": "Une version plus récente n’a pas pu être transférée ici. Nous examinons la question.",
      "problem.infected": "Une version plus récente n’a pas réussi l’analyse antivirus et n’est pas affichée.",
      "problem.macros": "Une version plus récente contient des macros et n’est pas affichée. Nous examinons la question.",
      "problem.private_key": "Une version plus récente contient une clé privée et n’est pas affichée. Nous examinons la question.",
      "problem.protected": "Une version plus récente est protégée par un mot de passe et n’est pas affichée. Nous examinons la question.",
      "problem.rich_text": "Une version plus récente est du texte enrichi (RTF) qui porte le nom d’un document Word et n’est pas affichée. Nous examinons la question.",
      "problem.text_table": "Une version plus récente est du texte brut qui porte le nom d’un classeur Excel et n’est pas affichée. Nous examinons la question.",
      "problem.too_large": "Une version plus récente est trop volumineuse pour être affichée ici. Veuillez nous la demander.",
      "problem.unreachable": "Une version plus récente n’a pas pu être transférée ici. Nous examinons la question.",
      "problem.web_document": "Une version plus récente est une page Web (HTML) qui porte le nom d’un document Word et n’est pas affichée. Nous examinons la question.",
      "problem.web_page": "Une version plus récente est une page Web (HTML) qui porte le nom d’un classeur Excel et n’est pas affichée. Nous examinons la question.",
      "problem.wrong_type": "Une version plus récente n’est pas du type de fichier qu’elle prétend être et n’est pas affichée.",
      "problem.xml_spreadsheet": "Une version plus récente est une feuille de calcul XML 2003 qui porte le nom d’un classeur Excel et n’est pas affichée. Nous examinons la question.",
      "question.document-version.base_version": "Établie à partir de la version",
      "question.document-version.comment": "Ce qui a changé",
      "question.document-version.document": "Document",
      "question.document-version.file": "Fichier",
      "question.edi-setup.acknowledges": "Nous envoyons nous-mêmes le 997 ou le CONTRL",
      "question.edi-setup.address": "Adresse EDI",
      "question.edi-setup.comment": "Remarques",
      "question.edi-setup.connection": "Connexion",
      "question.edi-setup.contact": "Adresse de courriel",
      "question.edi-setup.enrollment": "Intégration",
      "question.edi-setup.perDay": "Documents par jour",
      "question.edi-setup.standard": "Norme",
      "question.edi-setup.step": "Étape",
      "question.edi-setup.testFrom": "Les essais peuvent commencer le",
      "question.invoice-question.company": "Entreprise",
      "question.invoice-question.currency": "Devise",
      "question.invoice-question.email": "Adresse de courriel",
      "question.invoice-question.files": "Pièces jointes",
      "question.invoice-question.invoiceNumber": "Numéro de facture",
      "question.invoice-question.invoicedUnitPrice": "Prix sur la facture",
      "question.invoice-question.lineNumber": "Ligne",
      "question.invoice-question.name": "Votre nom",
      "question.invoice-question.poNumber": "Numéro de commande",
      "question.invoice-question.poUnitPrice": "Prix sur la commande",
      "question.invoice-question.quantity": "Quantité",
      "question.invoice-question.question": "Votre question",
      "question.invoice-question.tradingAddress": "Adresse EDI",
      "question.invoice-question.website": "Site Web",
      "question.issue-comment.case": "Dossier",
      "question.issue-comment.comment": "Votre commentaire",
      "question.issue-comment.name": "Votre nom",
      "question.issue-resolution.accepted": "C’est résolu",
      "question.issue-resolution.case": "Dossier",
      "question.issue-resolution.comment": "Ce qui ne va pas encore",
      "question.onboarding-question.company": "Entreprise",
      "question.onboarding-question.email": "Adresse de courriel",
      "question.onboarding-question.files": "Pièces jointes",
      "question.onboarding-question.name": "Votre nom",
      "question.onboarding-question.question": "Votre question",
      "question.onboarding-question.step": "Étape",
      "question.onboarding-question.tradingAddress": "Adresse EDI",
      "question.onboarding-question.website": "Site Web",
      "question.onboarding-step.comment": "Remarques",
      "question.onboarding-step.enrollment": "Intégration",
      "question.onboarding-step.step": "Étape",
      "question.partner-question.company": "Entreprise",
      "question.partner-question.duns": "Numéro D-U-N-S",
      "question.partner-question.email": "Adresse de courriel",
      "question.partner-question.files": "Pièces jointes",
      "question.partner-question.name": "Votre nom",
      "question.partner-question.question": "Votre question",
      "question.partner-question.topic": "De quoi s’agit-il?",
      "question.partner-question.tradingAddress": "Adresse EDI",
      "question.partner-question.website": "Site Web",
      "question.request-answer.comment": "Votre réponse",
      "question.request-answer.name": "Votre nom",
      "question.request-answer.request": "Demande",
      "question.ship-notice-problem.alreadyShipped": "Les marchandises sont en route",
      "question.ship-notice-problem.arrivesOn": "Arrive le",
      "question.ship-notice-problem.email": "Adresse de courriel",
      "question.ship-notice-problem.name": "Votre nom",
      "question.ship-notice-problem.poNumber": "Numéro de commande",
      "question.ship-notice-problem.question": "Que s’est-il passé?",
      "question.ship-notice-problem.shipmentId": "Expédition",
      "question.ship-notice-problem.tradingAddress": "Adresse EDI",
      "question.ship-notice-problem.website": "Site Web",
      "reference.invoice": "facture {number}",
      "reference.order": "commande {number}",
      "reference.shipment": "expédition {number}",
      "reference.transaction": "transaction {number}",
      "refusal.case_closed": "Ce dossier a été fermé entre-temps et n’accepte plus de commentaires. Veuillez nous envoyer une nouvelle question en indiquant le numéro du dossier.",
      "refusal.document_closed": "Ce document n’accepte plus de nouvelles versions. Veuillez nous envoyer une question en indiquant le document.",
      "refusal.file_damaged": "Ce fichier est endommagé ou incomplet et ne peut pas être ouvert. Veuillez l’enregistrer une nouvelle fois et le renvoyer.",
      "refusal.file_known": "Nous avons déjà exactement ce fichier. Rien n’a changé.",
      "refusal.file_macros": "Ce fichier contient des macros, que nous n’acceptons pas. Veuillez l’enregistrer sans macros, comme classeur (.xlsx) ou document (.docx), et le renvoyer.",
      "refusal.file_private_key": "Ce fichier contient une clé privée, que personne d’autre que vous ne doit avoir. Nous ne l’avons pas transmis. Remplacez la clé et envoyez-nous seulement le certificat.",
      "refusal.file_protected": "Ce fichier est protégé par un mot de passe, nous ne pouvons donc pas l’ouvrir. Veuillez l’enregistrer sans mot de passe et le renvoyer.",
      "refusal.file_refused": "Ce fichier n’a pas pu être accepté. Il est peut-être trop volumineux, ou n’est pas du type indiqué par son nom. Une personne l’examinera; vous pouvez aussi en envoyer un autre.",
      "refusal.file_rich_text": "Ce fichier est du texte enrichi (RTF) qui porte le nom d’un document Word. Nommez-le .rtf, ou ouvrez-le dans Word et enregistrez-le comme document Word (.docx), et envoyez le résultat.",
      "refusal.file_text_table": "Ce fichier est du texte en colonnes qui porte le nom d’un classeur Excel. Ouvrez-le dans Excel et enregistrez-le comme classeur Excel (.xlsx), ou nommez-le .csv, et envoyez le résultat.",
      "refusal.file_unreachable": "Ce fichier n’a pas pu être récupéré à l’endroit où il était enregistré. Veuillez le renvoyer.",
      "refusal.file_web_document": "Ce fichier est une page Web (HTML) qui porte le nom d’un document Word. Ouvrez-le dans Word, enregistrez-le comme document Word (.docx) et envoyez ce dernier.",
      "refusal.file_web_page": "Ce fichier est une page Web (HTML) qui porte le nom d’un classeur Excel. Ouvrez-le dans Excel, enregistrez-le comme classeur Excel (.xlsx) et envoyez ce dernier.",
      "refusal.file_xml_spreadsheet": "Ce fichier est une feuille de calcul XML 2003 qui porte le nom d’un classeur Excel. Ouvrez-le dans Excel, enregistrez-le comme classeur Excel (.xlsx) et envoyez ce dernier.",
      "refusal.not_allowed": "Votre rôle ne le permet pas. Adressez-vous à la personne qui gère les accès de votre entreprise, ou à votre personne-ressource.",
      "refusal.not_found": "L’élément concerné est introuvable. Ouvrez-le de nouveau à partir de votre aperçu, ou envoyez-nous une question.",
      "refusal.not_resolved": "Ce dossier est rouvert, il n’y a donc pas de solution à laquelle répondre. Le dernier commentaire indique la suite.",
      "refusal.other": "Ce n’était pas possible dans l’état actuel. Regardez de nouveau, et posez-nous la question si ce n’est pas clair.",
      "refusal.program_over": "Ce programme est terminé pour votre entreprise; ses étapes n’acceptent donc plus rien. Veuillez nous envoyer une question si un point reste ouvert.",
      "refusal.reason_missing": "Veuillez indiquer ce qui ne va pas encore, pour que l’équipe puisse poursuivre le travail.",
      "refusal.request_closed": "Cette demande a été fermée entre-temps et n’accepte plus de réponses. Veuillez nous envoyer une nouvelle demande en indiquant le numéro de celle-ci.",
      "refusal.step_done": "Cette étape est déjà terminée. Il ne reste rien à faire.",
      "refusal.step_locked": "Cette étape ne peut pas encore être soumise. Les étapes précédentes doivent d’abord être terminées.",
      "refusal.step_not_yours": "Cette étape est effectuée par notre équipe. Il n’y a rien à soumettre, et la suite viendra dès que nous aurons décidé.",
      "refusal.step_submitted": "Cette étape a déjà été soumise et est en révision.",
      "team.ap-disputes": "Comptes fournisseurs",
      "team.edi-support": "Soutien EDI",
      "team.on-call": "Équipe de garde",
      "team.partner-desk": "Service aux partenaires",
      "team.partner-onboarding": "Intégration des partenaires",
      "team.transportation": "Transport",
      "team.vendor-compliance": "Conformité des fournisseurs",
      "unfit.address_check_digit": "Ce n’est pas une adresse EDI : le chiffre de contrôle du GLN est inexact",
      "unfit.address_either": "Ce n’est pas une adresse EDI : l’une ou l’autre partie peut être le qualificatif; écrivez le qualificatif et l’identifiant, par exemple ZZ:PRAIRIEGOLD",
      "unfit.address_example": "Ce n’est pas une adresse EDI : écrivez le qualificatif et l’identifiant, par exemple ZZ:PRAIRIEGOLD",
      "unfit.all": "{faults}",
      "unfit.bad_characters": "contient des caractères qui ne sont pas du texte",
      "unfit.bad_country": "contient un pays qui n’est pas un code de deux lettres, par exemple CA",
      "unfit.duns_characters": "Ce n’est pas un numéro D-U-N-S : il contient d’autres caractères que des chiffres",
      "unfit.duns_length": {
        "one": "Ce n’est pas un numéro D-U-N-S : il compte {count} chiffre, et un numéro D-U-N-S en compte 9, ou 13 avec un suffixe",
        "other": "Ce n’est pas un numéro D-U-N-S : il compte {count} chiffres, et un numéro D-U-N-S en compte 9, ou 13 avec un suffixe"
      },
      "unfit.duns_shortened": "Ce n’est pas un numéro D-U-N-S : un tableur l’a raccourci; écrivez les 9 chiffres",
      "unfit.duns_zeros": "Ce n’est pas un numéro D-U-N-S : il ne contient que des zéros",
      "unfit.either_date": "peut être {one} ou {another} : écrivez-la comme {one}, l’année en premier",
      "unfit.either_number": "peut être {one} ou {another} : écrivez-le sans séparateur de milliers",
      "unfit.gln_characters": "Ce n’est pas un GLN : il contient d’autres caractères que des chiffres",
      "unfit.gln_check_digit": "Ce n’est pas un GLN : le chiffre de contrôle est inexact",
      "unfit.gln_length": {
        "one": "Ce n’est pas un GLN : il compte {count} chiffre, et un GLN en compte 13",
        "other": "Ce n’est pas un GLN : il compte {count} chiffres, et un GLN en compte 13"
      },
      "unfit.gln_shortened": "Ce n’est pas un GLN : un tableur l’a raccourci; écrivez les 13 chiffres",
      "unfit.half_year": "est une date dont l’année est incomplète : écrivez l’année en quatre chiffres",
      "unfit.missing": "réponse manquante",
      "unfit.not_address": "n’est pas une adresse",
      "unfit.not_boolean": "n’est ni oui ni non",
      "unfit.not_choice": "ne fait pas partie des choix",
      "unfit.not_date": "n’est pas une date",
      "unfit.not_email": "n’est pas une adresse de courriel",
      "unfit.not_files": "n’est pas une liste de fichiers",
      "unfit.not_integer": "n’est pas un nombre entier",
      "unfit.not_moment": "n’est pas une date avec une heure",
      "unfit.not_number": "n’est pas un nombre",
      "unfit.not_phone": "n’est pas un numéro de téléphone",
      "unfit.not_rating": "n’est pas une note de 1 à {highest}",
      "unfit.not_text": "n’est pas un texte",
      "unfit.not_time": "n’est pas une heure",
      "unfit.not_url": "n’est pas une adresse Web",
      "unfit.of": "{question} : {fault}.",
      "unfit.phone_without_country": "est un numéro de téléphone sans indicatif de pays : écrivez-le ainsi : +1 514 555 0123",
      "unfit.too_long": "dépasse {most} caractères",
      "unfit.too_many_choices": "contient trop de choix"
    }
  }
};
