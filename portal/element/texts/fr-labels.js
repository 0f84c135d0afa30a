/**
 * French labels for texts that `config/` once shipped in English only: for rows and forms of a
 * configuration without French.
 *
 * Nothing is added here; a text that `config/` has in each language comes with the rows
 * (`sentences.js`). Where the gender depends on the thing, the label agrees with the most common.
 */

export const labels = {
  // Issues
  'In progress': 'En cours',
  New: 'Nouveau',
  'Waiting for you': 'En attente de votre réponse',
  'We are working on it': 'Nous y travaillons',
  Resolved: 'Résolu',
  Closed: 'Fermé',
  Cancelled: 'Annulé',
  Other: 'Autre',
  'Ship notice (ASN)': 'Avis d’expédition (ASN)',
  Invoice: 'Facture',
  'Purchase order': 'Bon de commande',
  Connection: 'Connexion',
  Compliance: 'Conformité',
  Labels: 'Étiquettes',
  Onboarding: 'Intégration',
  Access: 'Accès',
  Normal: 'Normale',
  Low: 'Faible',
  High: 'Élevée',
  Critical: 'Critique',
  'Not delivered': 'Non livré',
  'Failed validation': 'Échec de la validation',
  Rejected: 'Refusé',
  'Acknowledgment overdue': 'Accusé de réception en retard',
  'Not processed': 'Non traité',
  Problem: 'Problème',
  Solved: 'Résolu',

  // Notices
  Notice: 'Avis',
  Incident: 'Incident',
  Maintenance: 'Entretien',
  Advisory: 'Information',
  Ongoing: 'En cours',
  Investigating: 'En cours d’analyse',
  'Cause found': 'Cause trouvée',
  'Being watched': 'Sous surveillance',
  Planned: 'Prévu',
  'Under way': 'En cours',
  'Being checked': 'En vérification',
  Completed: 'Terminé',
  Published: 'Publié',
  Withdrawn: 'Retiré',
  Unknown: 'Inconnu',
  None: 'Aucune',
  Minor: 'Mineure',
  Major: 'Majeure',
  Operational: 'En service',
  Slow: 'Lent',
  'Partly down': 'Panne partielle',
  Down: 'En panne',
  'Under maintenance': 'En entretien',

  // Onboarding
  Invited: 'Invitation envoyée',
  'On hold': 'En suspens',
  Expired: 'Expiré',
  Later: 'Plus tard',
  'Ready for you': 'À vous d’agir',
  Submitted: 'Soumise',
  'Please correct': 'À corriger',
  Done: 'Terminée',
  'Not needed': 'Non requise',
  Setup: 'Configuration',
  Testing: 'Essais',
  'Go-live': 'Mise en production',
  You: 'Vous',
  We: 'Nous',
  Both: 'Les deux',
  Task: 'Tâche',
  Form: 'Formulaire',
  Document: 'Document',
  Check: 'Vérification',
  Test: 'Essai',
  Approval: 'Approbation',
  Information: 'Information',

  // Business documents
  '850 purchase order': '850 bon de commande',
  '855 order acknowledgment': '855 accusé de réception de commande',
  '856 ship notice': '856 avis d’expédition',
  '810 invoice': '810 facture',
  '997 functional acknowledgment': '997 accusé de réception fonctionnel',
  '204 load tender': '204 offre de chargement',
  '990 tender response': '990 réponse à l’offre de chargement',
  '214 shipment status': '214 état de l’expédition',
  'ORDERS purchase order': 'ORDERS bon de commande',
  'ORDRSP order response': 'ORDRSP réponse à la commande',
  'DESADV despatch advice': 'DESADV avis d’expédition',
  'INVOIC invoice': 'INVOIC facture',
  'CONTRL acknowledgment': 'CONTRL accusé de réception',
  '999 implementation acknowledgment': '999 accusé de réception d’implantation',
  'TA1 interchange acknowledgment': 'TA1 accusé de réception d’échange',
  '824 application advice': '824 avis d’application',
  '820 remittance advice': '820 avis de paiement',
  '830 planning schedule': '830 programme de planification',
  '832 price catalog': '832 catalogue de prix',
  '846 inventory advice': '846 avis de stock',
  '852 product activity': '852 activité des produits',
  '860 order change': '860 modification de commande',
  '862 shipping schedule': '862 programme d’expédition',
  '865 order change acknowledgment': '865 accusé de réception de modification de commande',
  '867 product transfer': '867 transfert de produits',
  '210 freight invoice': '210 facture de transport',
  '940 warehouse order': '940 ordre d’entrepôt',
  '944 warehouse receipt': '944 réception en entrepôt',
  '945 warehouse shipment': '945 expédition d’entrepôt',
  'APERAK application advice': 'APERAK avis d’application',
  'ORDCHG order change': 'ORDCHG modification de commande',
  'REMADV remittance advice': 'REMADV avis de paiement',
  'RECADV receiving advice': 'RECADV avis de réception',
  'DELFOR delivery forecast': 'DELFOR prévisions de livraison',
  'DELJIT delivery call-off': 'DELJIT appel de livraison',
  'INVRPT inventory report': 'INVRPT rapport de stock',
  'PRICAT price catalogue': 'PRICAT catalogue de prix',
  'SLSRPT sales report': 'SLSRPT rapport de ventes',
  'IFTMIN transport order': 'IFTMIN ordre de transport',
  'IFTSTA transport status': 'IFTSTA état du transport',

  // Requests
  Request: 'Demande',
  Received: 'Reçue',
  'With the team': 'Transmise à l’équipe',
  Declined: 'Refusée',
  'Merged with another request': 'Fusionnée avec une autre demande',
  'Not possible': 'Impossible',

  // Forms
  'Question about an invoice': 'Question sur une facture',
  'Comment on an issue': 'Commentaire sur un dossier',
  'Answer to a solution': 'Réponse à une solution',
  'Onboarding step': 'Étape d’intégration',
  'EDI setup': 'Configuration de l’EDI',
  Standard: 'Norme',
  'Question about the onboarding': 'Question sur l’intégration',
  'Question to the partner desk': 'Question au service aux partenaires',
  'Problem with a ship notice': 'Problème avec un avis d’expédition',
  'Invoice number': 'Numéro de facture',
  'Order number': 'Numéro de commande',
  Line: 'Ligne',
  'Price on the invoice': 'Prix sur la facture',
  'Price on the order': 'Prix sur la commande',
  Currency: 'Devise',
  Quantity: 'Quantité',
  'Your question': 'Votre question',
  'Your name': 'Votre nom',
  'E-mail address': 'Adresse de courriel',
  Company: 'Entreprise',
  GLN: 'GLN',
  'D-U-N-S number': 'Numéro D-U-N-S',
  'EDI address': 'Adresse EDI',
  Attachments: 'Pièces jointes',
  Website: 'Site Web',
  Issue: 'Dossier',
  'Your comment': 'Votre commentaire',
  'Answer to a question': 'Réponse à une question',
  'Your answer': 'Votre réponse',
  'It is solved': 'C’est résolu',
  'What is still wrong': 'Ce qui ne va pas encore',
  Step: 'Étape',
  Remarks: 'Remarques',
  'What is it about?': 'De quoi s’agit-il?',
  Shipment: 'Expédition',
  'Arrives on': 'Arrive le',
  'The goods are on their way': 'Les marchandises sont en route',
  'What happened?': 'Que s’est-il passé?',
  orders: 'Commandes',
  freight: 'Transport de marchandises',
  routing: 'Acheminement',
  tax: 'Taxes et impôts',
  bank: 'Coordonnées bancaires',
  insurance: 'Assurance',
  other: 'Autre chose',

  // Documents
  Draft: 'Brouillon',
  Current: 'En vigueur',
  'Being prepared': 'En préparation',
  'Not accepted': 'Non acceptée',
  'Did not pass the virus scan': 'Analyse antivirus non réussie',
  'New version of a document': 'Nouvelle version d’un document',
  File: 'Fichier',
  'What has changed': 'Ce qui a changé',
  'Made from version': 'Établie à partir de la version',
  'You and we have both changed this document. We are deciding which version counts; until then the last agreed one stays.':
    'Vous et nous avons tous deux modifié ce document. Nous déterminons quelle version est valable; d’ici là, la dernière version convenue reste en place.',
  'A newer version could not be brought here. We are looking into it.': 'Une version plus récente n’a pas pu être transférée ici. Nous examinons la question.',
  'A newer version is empty and is not shown. We are looking into it.': 'Une version plus récente est vide et n’est pas affichée. Nous examinons la question.',
  'A newer version is too large to be shown here. Please ask us for it.':
    'Une version plus récente est trop volumineuse pour être affichée ici. Veuillez nous la demander.',
  'A newer version is not the kind of file that it claims to be, and is not shown.':
    'Une version plus récente n’est pas du type de fichier qu’elle prétend être et n’est pas affichée.',
  'A newer version arrived damaged and is not shown. We are looking into it.':
    'Une version plus récente est arrivée endommagée et n’est pas affichée. Nous examinons la question.',
  'A newer version did not pass the virus scan and is not shown.': 'Une version plus récente n’a pas réussi l’analyse antivirus et n’est pas affichée.',
  'A newer version cannot be opened, as it is damaged or incomplete, and is not shown. We are looking into it.':
    'Une version plus récente est endommagée ou incomplète, ne peut pas être ouverte et n’est pas affichée. Nous examinons la question.',
  'A newer version is protected by a password and is not shown. We are looking into it.':
    'Une version plus récente est protégée par un mot de passe et n’est pas affichée. Nous examinons la question.',
  'A newer version has macros and is not shown. We are looking into it.':
    'Une version plus récente contient des macros et n’est pas affichée. Nous examinons la question.',
  'A newer version is a web page (HTML) that is called an Excel workbook, and is not shown. We are looking into it.':
    'Une version plus récente est une page Web (HTML) qui porte le nom d’un classeur Excel et n’est pas affichée. Nous examinons la question.',
  'A newer version is an XML Spreadsheet 2003 that is called an Excel workbook, and is not shown. We are looking into it.':
    'Une version plus récente est une feuille de calcul XML 2003 qui porte le nom d’un classeur Excel et n’est pas affichée. Nous examinons la question.',
  'A newer version is plain text that is called an Excel workbook, and is not shown. We are looking into it.':
    'Une version plus récente est du texte brut qui porte le nom d’un classeur Excel et n’est pas affichée. Nous examinons la question.',
  'A newer version is a web page (HTML) that is called a Word document, and is not shown. We are looking into it.':
    'Une version plus récente est une page Web (HTML) qui porte le nom d’un document Word et n’est pas affichée. Nous examinons la question.',
  'A newer version is rich text (RTF) that is called a Word document, and is not shown. We are looking into it.':
    'Une version plus récente est du texte enrichi (RTF) qui porte le nom d’un document Word et n’est pas affichée. Nous examinons la question.',
  'A newer version holds a private key and is not shown. We are looking into it.':
    'Une version plus récente contient une clé privée et n’est pas affichée. Nous examinons la question.',
  'This file cannot be opened, as it is damaged or incomplete. Please save it once more and send it again.':
    'Ce fichier est endommagé ou incomplet et ne peut pas être ouvert. Veuillez l’enregistrer une nouvelle fois et le renvoyer.',
  'This file is protected by a password, so we cannot open it. Please save it without a password and send it again.':
    'Ce fichier est protégé par un mot de passe, nous ne pouvons donc pas l’ouvrir. Veuillez l’enregistrer sans mot de passe et le renvoyer.',
  'This file has macros, which we do not take. Please save it without macros, as a workbook (.xlsx) or a document (.docx), and send it again.':
    'Ce fichier contient des macros, que nous n’acceptons pas. Veuillez l’enregistrer sans macros, comme classeur (.xlsx) ou document (.docx), et le renvoyer.',
  'This file is a web page (HTML) that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), and send that.':
    'Ce fichier est une page Web (HTML) qui porte le nom d’un classeur Excel. ' +
    'Ouvrez-le dans Excel, enregistrez-le comme classeur Excel (.xlsx) et envoyez ce dernier.',
  'This file is an XML Spreadsheet 2003 that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), and send that.':
    'Ce fichier est une feuille de calcul XML 2003 qui porte le nom d’un classeur Excel. ' +
    'Ouvrez-le dans Excel, enregistrez-le comme classeur Excel (.xlsx) et envoyez ce dernier.',
  'This file is plain text with columns that is called an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx), or name it .csv, and send that.':
    'Ce fichier est du texte en colonnes qui porte le nom d’un classeur Excel. ' +
    'Ouvrez-le dans Excel et enregistrez-le comme classeur Excel (.xlsx), ou nommez-le .csv, et envoyez le résultat.',
  'This file is a web page (HTML) that is called a Word document. Open it in Word, save it as a Word document (.docx), and send that.':
    'Ce fichier est une page Web (HTML) qui porte le nom d’un document Word. ' +
    'Ouvrez-le dans Word, enregistrez-le comme document Word (.docx) et envoyez ce dernier.',
  'This file is rich text (RTF) that is called a Word document. Name it .rtf, or open it in Word and save it as a Word document (.docx), and send that.':
    'Ce fichier est du texte enrichi (RTF) qui porte le nom d’un document Word. ' +
    'Nommez-le .rtf, ou ouvrez-le dans Word et enregistrez-le comme document Word (.docx), et envoyez le résultat.',
  'This file holds a private key, which nobody but you may have. We have not passed it on. Replace the key, and send us only the certificate.':
    'Ce fichier contient une clé privée, que personne d’autre que vous ne doit avoir. Nous ne l’avons pas transmis. ' +
    'Remplacez la clé et envoyez-nous seulement le certificat.',
  'In review': 'En révision',
  Approved: 'Approuvé',
  Superseded: 'Remplacé',
  'Routing guide': 'Guide d’acheminement',
  'Implementation guide': 'Guide d’implantation',
  'Label specification': 'Spécification d’étiquette',
  'Tax form': 'Formulaire fiscal',
  Insurance: 'Assurance',
  Agreement: 'Entente',
  'Test evidence': 'Preuve d’essai',
};
