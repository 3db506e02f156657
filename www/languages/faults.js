/** What loading, the core and queries say in English when something is wrong, and how other languages say it: a sentence may come from
 *  the worker, from a block that was given up, or from the core, none of which speak. `{1}` stands for a word, `{1…}` for all that is there.
 *  Each language's table has its own (build.mjs), and messages.js finds a sentence again by its English. */

/** @typedef {{ en: string, ru: string, de: string, es: string, ar: string, zh: string }} Fault */

/** @type {Fault[]} */
export const FAULTS = [
  {
    en: '{1} is missing or damaged: was the folder copied whole?',
    ru: '{1}: файл отсутствует или повреждён. Папка скопирована целиком?',
    de: '{1} fehlt oder ist beschädigt: Wurde der Ordner ganz kopiert?',
    es: '{1} falta o está dañado: ¿se copió la carpeta entera?',
    ar: '{1} مفقود أو تالف: هل نُسخ المجلد كاملًا؟',
    zh: '{1} 缺失或已损坏：文件夹是否完整复制？',
  },
  {
    en: '{1} could not be loaded: is the connection still there, and was the folder uploaded whole?',
    ru: '{1}: файл не загрузился. Есть ли связь, и выложена ли папка целиком?',
    de: '{1} ließ sich nicht laden: Besteht die Verbindung noch, und wurde der Ordner ganz hochgeladen?',
    es: '{1} no se pudo cargar: ¿sigue habiendo conexión y se subió la carpeta entera?',
    ar: 'تعذّر تحميل {1}: هل الاتصال قائم، وهل رُفع المجلد كاملًا؟',
    zh: '无法加载 {1}：网络是否仍然连通，文件夹是否完整上传？',
  },
  {
    en: 'The search part of this page (fonds/core.js or fonds/more.js) is damaged: was the folder copied whole?',
    ru: 'Поисковая часть страницы (fonds/core.js или fonds/more.js) повреждена. Папка скопирована целиком?',
    de: 'Der Suchteil dieser Seite (fonds/core.js oder fonds/more.js) ist beschädigt: Wurde der Ordner ganz kopiert?',
    es: 'La parte de búsqueda de esta página (fonds/core.js o fonds/more.js) está dañada: ¿se copió la carpeta entera?',
    ar: 'جزء البحث في هذه الصفحة (fonds/core.js أو fonds/more.js) تالف: هل نُسخ المجلد كاملًا؟',
    zh: '本页的搜索部分（fonds/core.js 或 fonds/more.js）已损坏：文件夹是否完整复制？',
  },
  {
    en: 'The archive asks for the same parts again and again: its index is damaged.',
    ru: 'Архив снова и снова запрашивает одни и те же части: его указатель повреждён.',
    de: 'Das Archiv verlangt immer wieder dieselben Teile: Sein Index ist beschädigt.',
    es: 'El archivo pide las mismas partes una y otra vez: su índice está dañado.',
    ar: 'يطلب الأرشيف الأجزاء نفسها مرارًا: فهرسه تالف.',
    zh: '档案反复请求相同的部分：其索引已损坏。',
  },
  {
    en: 'This archive has version {1} of the format, and this page reads version {2}: publish it anew, or open it with the page that came with it.',
    ru: 'У архива версия формата {1}, а эта страница читает версию {2}: опубликуйте его заново или откройте страницей, которая шла с ним.',
    de: 'Dieses Archiv hat die Version {1} des Formats, und diese Seite liest Version {2}: Veröffentlichen Sie es neu, oder öffnen Sie es mit der Seite, die mit ihm kam.',
    es: 'Este archivo tiene la versión {1} del formato y esta página lee la versión {2}: publíquelo de nuevo o ábralo con la página que venía con él.',
    ar: 'لهذا الأرشيف الإصدار {1} من الصيغة، وهذه الصفحة تقرأ الإصدار {2}: انشره من جديد، أو افتحه بالصفحة التي جاءت معه.',
    zh: '此档案的格式版本为 {1}，而本页读取的是版本 {2}：请重新发布，或用随附的页面打开。',
  },
  {
    en: 'archive/manifest.js belongs to another archive than index.html: was one folder copied over another?',
    ru: 'archive/manifest.js относится к другому архиву, чем index.html: не скопирована ли одна папка поверх другой?',
    de: 'archive/manifest.js gehört zu einem anderen Archiv als index.html: Wurde ein Ordner über einen anderen kopiert?',
    es: 'archive/manifest.js pertenece a otro archivo que index.html: ¿se copió una carpeta sobre otra?',
    ar: 'archive/manifest.js يخص أرشيفًا غير الذي يخصه index.html: هل نُسخ مجلد فوق آخر؟',
    zh: 'archive/manifest.js 与 index.html 不属于同一档案：是否把一个文件夹复制到了另一个上面？',
  },
  {
    en: 'archive/manifest.js names no shards: was the folder written whole?',
    ru: 'archive/manifest.js не называет ни одной части. Папка записана целиком?',
    de: 'archive/manifest.js nennt keine Teile: Wurde der Ordner ganz geschrieben?',
    es: 'archive/manifest.js no nombra ninguna parte: ¿se escribió la carpeta entera?',
    ar: 'لا يسمّي archive/manifest.js أي جزء: هل كُتب المجلد كاملًا؟',
    zh: 'archive/manifest.js 未列出任何分片：文件夹是否完整写入？',
  },
  {
    en: 'The part of the page that searches has stopped ({1…}): reload the page.',
    ru: 'Поисковая часть страницы остановилась ({1…}): перезагрузите страницу.',
    de: 'Der Teil der Seite, der sucht, ist stehen geblieben ({1…}): Laden Sie die Seite neu.',
    es: 'La parte de la página que busca se ha detenido ({1…}): vuelva a cargar la página.',
    ar: 'توقّف جزء الصفحة الذي يبحث ({1…}): أعد تحميل الصفحة.',
    zh: '页面的搜索部分已停止（{1…}）：请重新加载页面。',
  },
  {
    en: 'the archive ends too early: copy it again, whole',
    ru: 'архив обрывается раньше времени: скопируйте его ещё раз, целиком',
    de: 'das Archiv endet zu früh: Kopieren Sie es noch einmal, ganz',
    es: 'el archivo termina demasiado pronto: cópielo de nuevo, entero',
    ar: 'ينتهي الأرشيف قبل أوانه: انسخه مجددًا، كاملًا',
    zh: '档案过早结束：请重新完整复制',
  },
  {
    en: 'this is not a fonds archive',
    ru: 'это не архив fonds',
    de: 'dies ist kein Archiv von fonds',
    es: 'esto no es un archivo de fonds',
    ar: 'هذا ليس أرشيف fonds',
    zh: '这不是 fonds 档案',
  },
  {
    en: 'the archive has format version {1}, this program reads version {2}: open it with the program that made it',
    ru: 'у архива версия формата {1}, а эта программа читает версию {2}: откройте его той программой, которая его сделала',
    de: 'das Archiv hat die Formatversion {1}, dieses Programm liest Version {2}: Öffnen Sie es mit dem Programm, das es gemacht hat',
    es: 'el archivo tiene la versión de formato {1} y este programa lee la versión {2}: ábralo con el programa que lo hizo',
    ar: 'للأرشيف إصدار الصيغة {1}، وهذا البرنامج يقرأ الإصدار {2}: افتحه بالبرنامج الذي صنعه',
    zh: '档案的格式版本为 {1}，本程序读取版本 {2}：请用生成它的程序打开',
  },
  {
    en: 'a block is damaged (its checksum does not match): copy the archive again',
    ru: 'часть архива повреждена (контрольная сумма не сходится): скопируйте архив ещё раз',
    de: 'ein Block ist beschädigt (seine Prüfsumme stimmt nicht): Kopieren Sie das Archiv noch einmal',
    es: 'un bloque está dañado (su suma de comprobación no coincide): copie el archivo de nuevo',
    ar: 'كتلة تالفة (مجموعها الاختباري لا يطابق): انسخ الأرشيف مجددًا',
    zh: '一个数据块已损坏（校验和不符）：请重新复制档案',
  },
  {
    en: 'the archive is malformed: {1…}',
    ru: 'архив устроен неправильно: {1…}',
    de: 'das Archiv ist fehlerhaft aufgebaut: {1…}',
    es: 'el archivo está mal formado: {1…}',
    ar: 'بنية الأرشيف غير سليمة: {1…}',
    zh: '档案结构有误：{1…}',
  },
  { en: '(section {1}, byte {2})', ru: '(раздел {1}, байт {2})', de: '(Abschnitt {1}, Byte {2})', es: '(sección {1}, byte {2})', ar: '(القسم {1}، البايت {2})', zh: '（部分 {1}，字节 {2}）' },
  { en: '(section {1})', ru: '(раздел {1})', de: '(Abschnitt {1})', es: '(sección {1})', ar: '(القسم {1})', zh: '（部分 {1}）' },
  { en: 'this bracket closes nothing', ru: 'эта скобка ничего не закрывает', de: 'diese Klammer schließt nichts', es: 'este paréntesis no cierra nada', ar: 'هذا القوس لا يغلق شيئًا', zh: '此括号没有对应的开括号' },
  { en: 'this bracket is not closed', ru: 'эта скобка не закрыта', de: 'diese Klammer ist nicht geschlossen', es: 'este paréntesis no está cerrado', ar: 'هذا القوس غير مغلق', zh: '此括号没有关闭' },
  { en: 'this quotation mark is not closed', ru: 'эта кавычка не закрыта', de: 'dieses Anführungszeichen ist nicht geschlossen', es: 'estas comillas no están cerradas', ar: 'علامة الاقتباس هذه غير مغلقة', zh: '此引号没有关闭' },
  {
    en: 'too many brackets or minus signs inside each other',
    ru: 'слишком много вложенных скобок или минусов',
    de: 'zu viele Klammern oder Minuszeichen ineinander',
    es: 'demasiados paréntesis o signos menos unos dentro de otros',
    ar: 'أقواس أو علامات ناقص متداخلة أكثر مما ينبغي',
    zh: '嵌套的括号或减号过多',
  },
  { en: 'write match:any or match:all', ru: 'пишите match:any или match:all', de: 'schreiben Sie match:any oder match:all', es: 'escriba match:any o match:all', ar: 'اكتب match:any أو match:all', zh: '请写 match:any 或 match:all' },
  {
    en: 'there is no word to search for in this',
    ru: 'здесь нет слова, которое можно искать',
    de: 'darin steht kein Wort, nach dem sich suchen ließe',
    es: 'aquí no hay ninguna palabra que buscar',
    ar: 'لا توجد هنا كلمة يُبحث عنها',
    zh: '其中没有可搜索的词',
  },
  {
    en: '{1…} is no date: write 2024, 2024-06, 2024-06-24 or 2024-06..2024-07',
    ru: '{1…} — не дата: пишите 2024, 2024-06, 2024-06-24 или 2024-06..2024-07',
    de: '{1…} ist kein Datum: Schreiben Sie 2024, 2024-06, 2024-06-24 oder 2024-06..2024-07',
    es: '{1…} no es una fecha: escriba 2024, 2024-06, 2024-06-24 o 2024-06..2024-07',
    ar: '{1…} ليس تاريخًا: اكتب 2024 أو 2024-06 أو 2024-06-24 أو 2024-06..2024-07',
    zh: '{1…} 不是日期：请写 2024、2024-06、2024-06-24 或 2024-06..2024-07',
  },
  {
    en: '{1}: write a number as >1000, 100..500 or 5',
    ru: '{1}: пишите число так: >1000, 100..500 или 5',
    de: '{1}: Schreiben Sie eine Zahl als >1000, 100..500 oder 5',
    es: '{1}: escriba un número como >1000, 100..500 o 5',
    ar: '{1}: اكتب عددًا مثل >1000 أو 100..500 أو 5',
    zh: '{1}：请把数字写成 >1000、100..500 或 5',
  },
  { en: 'there is no order by {1…}', ru: 'порядка по {1…} нет', de: 'eine Ordnung nach {1…} gibt es nicht', es: 'no hay un orden por {1…}', ar: 'لا ترتيب بحسب {1…}', zh: '没有按 {1…} 排序的方式' },
  { en: 'no field is called {1…}', ru: 'поля {1…} нет', de: 'kein Feld heißt {1…}', es: 'ningún campo se llama {1…}', ar: 'لا حقل اسمه {1…}', zh: '没有名为 {1…} 的字段' },
  { en: 'no {1…} is called {2…}', ru: 'значения {2…} здесь нет', de: 'einen Wert {2…} gibt es hier nicht', es: 'aquí no hay ningún valor {2…}', ar: 'لا قيمة هنا اسمها {2…}', zh: '这里没有名为 {2…} 的值' },
  { en: 'no {1…} begins with {2…}', ru: 'значений, которые начинаются с {2…}, здесь нет', de: 'kein Wert beginnt hier mit {2…}', es: 'aquí ningún valor empieza por {2…}', ar: 'لا قيمة هنا تبدأ بـ {2…}', zh: '这里没有以 {2…} 开头的值' },
  { en: 'a bracket of this expression is not closed', ru: 'в этом выражении не закрыта скобка', de: 'eine Klammer dieses Ausdrucks ist nicht geschlossen', es: 'un paréntesis de esta expresión no está cerrado', ar: 'في هذا التعبير قوس غير مغلق', zh: '此表达式中有括号没有关闭' },
  { en: 'a bracket of this expression closes nothing', ru: 'в этом выражении скобка ничего не закрывает', de: 'eine Klammer dieses Ausdrucks schließt nichts', es: 'un paréntesis de esta expresión no cierra nada', ar: 'في هذا التعبير قوس لا يغلق شيئًا', zh: '此表达式中有括号没有对应的开括号' },
  { en: 'a square bracket of this expression is not closed', ru: 'в этом выражении не закрыта квадратная скобка', de: 'eine eckige Klammer dieses Ausdrucks ist nicht geschlossen', es: 'un corchete de esta expresión no está cerrado', ar: 'في هذا التعبير قوس مربّع غير مغلق', zh: '此表达式中有方括号没有关闭' },
  {
    en: 'in this expression nothing stands before a sign of repetition',
    ru: 'в этом выражении перед знаком повторения ничего нет',
    de: 'in diesem Ausdruck steht vor einem Wiederholungszeichen nichts',
    es: 'en esta expresión no hay nada antes de un signo de repetición',
    ar: 'في هذا التعبير علامة تكرار ليس قبلها شيء',
    zh: '此表达式中重复符号之前没有内容',
  },
  {
    en: 'in this expression a number of repetitions is not understood',
    ru: 'в этом выражении непонятно число повторений',
    de: 'in diesem Ausdruck ist eine Zahl von Wiederholungen unverständlich',
    es: 'en esta expresión no se entiende un número de repeticiones',
    ar: 'في هذا التعبير عدد تكرارات غير مفهوم',
    zh: '此表达式中的重复次数无法理解',
  },
  {
    en: 'this expression asks for something that expressions here do not have, such as look-around or back-references',
    ru: 'этому выражению нужно то, чего здесь у выражений нет, например просмотр вокруг или обратные ссылки',
    de: 'dieser Ausdruck verlangt etwas, das Ausdrücke hier nicht haben, etwa Umschau oder Rückverweise',
    es: 'esta expresión pide algo que las expresiones no tienen aquí, como miradas alrededor o referencias anteriores',
    ar: 'يطلب هذا التعبير ما لا تملكه التعابير هنا، كالنظر حول الموضع أو الإحالة إلى ما سبق',
    zh: '此表达式要求此处不支持的功能，例如环视或反向引用',
  },
  { en: 'this expression is too large', ru: 'это выражение слишком большое', de: 'dieser Ausdruck ist zu groß', es: 'esta expresión es demasiado grande', ar: 'هذا التعبير أكبر مما ينبغي', zh: '此表达式过大' },
  { en: 'this regular expression is not understood', ru: 'это регулярное выражение непонятно', de: 'dieser reguläre Ausdruck ist unverständlich', es: 'esta expresión regular no se entiende', ar: 'هذا التعبير النمطي غير مفهوم', zh: '无法理解此正则表达式' },
  { en: 'no post has {1}', ru: 'ни у одной записи нет {1}', de: 'kein Beitrag hat {1}', es: 'ninguna publicación tiene {1}', ar: 'لا منشور لديه {1}', zh: '没有帖子带有 {1}' },
];

/**
 * For one language what is looked for and what is said instead, as `String.replace` takes them.
 * @param {Exclude<keyof Fault, 'en'>} code
 * @returns {[string, string][]}
 */
export function faultsIn(code) {
  return FAULTS.map((fault) => [patternOf(fault.en), fault[code].replace(/\{(\d)…?\}/g, '$$$1')]);
}

/** @param {string} template */
function patternOf(template) {
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\d\}/g, '(\\S+?)').replace(/\{\d…\}/g, '(.+)');
  // A sentence of holes that take all is itself all there is.
  return `${/^\{\d…\}|^\{1\}:|^no /.test(template) ? '^' : ''}${pattern}${/\{\d…?\}$/.test(template) ? '$' : ''}`;
}
