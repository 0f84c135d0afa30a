/** What a member reads who has reached a limit, in Spanish. */

export const es = {
  'error.too_often': 'Lo hizo muchas veces en poco tiempo. Continúe más tarde.',
  'error.too_often.call': 'En un minuto abrió más de lo que el portal muestra a una persona. Podrá continuar a las {time}.',
  'error.too_often.send': 'En una hora envió {most} solicitudes, respuestas o documentos, el máximo para una persona. Podrá continuar a las {time}.',
  'error.too_often.upload': 'En una hora subió {most} archivos, el máximo para una persona. Podrá continuar a las {time}.',
  'error.too_often.invite': 'En una hora envió {most} invitaciones, el máximo para una persona. Podrá continuar a las {time}.',
  'error.too_often.redeem': 'En una hora escribió {most} códigos de invitación, el máximo para una persona. Podrá continuar a las {time}.',
};
