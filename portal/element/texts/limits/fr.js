/** What a member reads who has reached a limit, in French. */

export const fr = {
  'error.too_often': 'Vous l’avez fait souvent en peu de temps. Veuillez continuer plus tard.',
  'error.too_often.call': 'Vous avez ouvert en une minute plus que ce que le portail montre à une personne. Vous pourrez continuer à {time}.',
  'error.too_often.send':
    'Vous avez envoyé {most} demandes, réponses ou documents en une heure, le maximum pour une personne. Vous pourrez continuer à {time}.',
  'error.too_often.upload': 'Vous avez téléversé {most} fichiers en une heure, le maximum pour une personne. Vous pourrez continuer à {time}.',
  'error.too_often.invite': 'Vous avez envoyé {most} invitations en une heure, le maximum pour une personne. Vous pourrez continuer à {time}.',
  'error.too_often.redeem': 'Vous avez saisi {most} codes d’invitation en une heure, le maximum pour une personne. Vous pourrez continuer à {time}.',
};
