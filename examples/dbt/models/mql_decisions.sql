-- warehouse version 1 (mq1-9879ed198d4aea8a2eb7)
-- for DuckDB
-- as of {{ var('as_of') }}
WITH read_leads AS (
  SELECT CASE WHEN NOT (LTRIM(CAST("lead_id" AS VARCHAR), ' ') = '') THEN CAST("lead_id" AS VARCHAR) END AS lead_id
    , EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) AS as_of_us
    , "is_customer" AS f_is_customer
    , CASE WHEN NOT (LTRIM("title", ' ') = '') THEN "title" END AS f_title
    , CASE WHEN NOT (LTRIM("email", ' ') = '') THEN "email" END AS f_email
    , CASE WHEN ISFINITE(CAST("employees" AS DOUBLE)) OR ISINF(CAST("employees" AS DOUBLE)) THEN CAST("employees" AS DOUBLE) + 0.0e0 END AS f_employees
    , CASE WHEN NOT (LTRIM("industry", ' ') = '') THEN "industry" END AS f_industry
  FROM {{ ref('leads') }}
), read_activities AS NOT MATERIALIZED (
  SELECT CASE WHEN NOT (LTRIM(CAST("lead_id" AS VARCHAR), ' ') = '') THEN CAST("lead_id" AS VARCHAR) END AS lead_id
    , CASE WHEN NOT (LTRIM("kind", ' ') = '') THEN "kind" END AS kind
    , EPOCH_US("at") AS us
    , CASE WHEN NOT (LTRIM(CAST("id" AS VARCHAR), ' ') = '') THEN CAST("id" AS VARCHAR) END AS id
    , CASE WHEN NOT (LTRIM("page", ' ') = '') THEN "page" END AS p_page
    , CASE WHEN NOT (LTRIM("asset_id", ' ') = '') THEN "asset_id" END AS p_asset_id
    , CASE WHEN ISFINITE(CAST("strength" AS DOUBLE)) OR ISINF(CAST("strength" AS DOUBLE)) THEN CAST("strength" AS DOUBLE) + 0.0e0 END AS p_strength
  FROM {{ ref('activities') }}
), repeated AS MATERIALIZED (
  SELECT DISTINCT same
  FROM (
    SELECT same, LAG(same) OVER (ORDER BY same ASC) AS other
    FROM (SELECT HASH(lead_id, id) AS same FROM read_activities WHERE id IS NOT NULL)
  )
  WHERE same = other
), winners AS MATERIALIZED (
  SELECT a.*
  FROM read_activities AS a
  SEMI JOIN repeated ON repeated.same = HASH(lead_id, id)
  WHERE id IS NOT NULL AND us IS NOT NULL AND kind IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY lead_id, id ORDER BY us ASC, kind ASC, p_asset_id ASC NULLS LAST, p_page ASC NULLS LAST, p_strength ASC NULLS LAST) = 1
), once AS NOT MATERIALIZED (
  SELECT a.*
  FROM read_activities AS a
  ANTI JOIN repeated
    ON repeated.same = CASE WHEN id IS NOT NULL THEN HASH(lead_id, id) END
  WHERE us IS NOT NULL AND kind IS NOT NULL
  UNION ALL
  SELECT *
  FROM winners
), e AS NOT MATERIALIZED (
  SELECT lead_id
    , kind
    , us
    , p_page
    , p_asset_id
    , p_strength
    , EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) - us AS age
  FROM once
  WHERE us <= EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) AND kind IN ('content_download', 'demo_request', 'email_click', 'email_open', 'intent', 'page_view') AND CASE WHEN kind = 'demo_request' THEN EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) - us < 604800000000 WHEN kind = 'email_click' THEN EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) - us < 2592000000000 WHEN kind IN ('email_open', 'intent') THEN EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) - us < 5184000000000 WHEN kind = 'page_view' THEN EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) - us < 7776000000000 ELSE EPOCH_US(CAST('{{ var('as_of') }}' AS TIMESTAMP WITH TIME ZONE)) - us < 15552000000000 END
), e1 AS NOT MATERIALIZED (
  SELECT e.*
    , LOWER(REPLACE(REPLACE(p_page, 'K', ''), 'İ', '')) AS p_page_folded
    , CASE WHEN STRLEN(p_asset_id) = LENGTH(p_asset_id) THEN LOWER(p_asset_id) ELSE CASE WHEN REGEXP_FULL_MATCH(p_asset_id, '[\x{1}-\x{12F}\x{131}-\x{52F}\x{2000}-\x{2125}\x{3000}-\x{9FFF}\x{AC00}-\x{D7FF}\x{1F000}-\x{1FAFF}]*') THEN LOWER(p_asset_id) ELSE TRANSLATE(p_asset_id, 'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǱǲǴǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϴϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽႾႿჀჁჂჃჄჅჇჍᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯᎰᎱᎲᎳᎴᎵᎶᎷᎸᎹᎺᎻᎼᎽᎾᎿᏀᏁᏂᏃᏄᏅᏆᏇᏈᏉᏊᏋᏌᏍᏎᏏᏐᏑᏒᏓᏔᏕᏖᏗᏘᏙᏚᏛᏜᏝᏞᏟᏠᏡᏢᏣᏤᏥᏦᏧᏨᏩᏪᏫᏬᏭᏮᏯᏰᏱᏲᏳᏴᏵᲐᲑᲒᲓᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰᲱᲲᲳᲴᲵᲶᲷᲸᲹᲺᲽᲾᲿḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẞẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾἈἉἊἋἌἍἎἏἘἙἚἛἜἝἨἩἪἫἬἭἮἯἸἹἺἻἼἽἾἿὈὉὊὋὌὍὙὛὝὟὨὩὪὫὬὭὮὯᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾸᾹᾺΆᾼῈΈῊΉῌῘῙῚΊῨῩῪΎῬῸΌῺΏῼΩÅℲⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅬⅭⅮⅯↃⒶⒷⒸⒹⒺⒻⒼⒽⒾⒿⓀⓁⓂⓃⓄⓅⓆⓇⓈⓉⓊⓋⓌⓍⓎⓏⰀⰁⰂⰃⰄⰅⰆⰇⰈⰉⰊⰋⰌⰍⰎⰏⰐⰑⰒⰓⰔⰕⰖⰗⰘⰙⰚⰛⰜⰝⰞⰟⰠⰡⰢⰣⰤⰥⰦⰧⰨⰩⰪⰫⰬⰭⰮⰯⱠⱢⱣⱤⱧⱩⱫⱭⱮⱯⱰⱲⱵⱾⱿⲀⲂⲄⲆⲈⲊⲌⲎⲐⲒⲔⲖⲘⲚⲜⲞⲠⲢⲤⲦⲨⲪⲬⲮⲰⲲⲴⲶⲸⲺⲼⲾⳀⳂⳄⳆⳈⳊⳌⳎⳐⳒⳔⳖⳘⳚⳜⳞⳠⳢⳫⳭⳲꙀꙂꙄꙆꙈꙊꙌꙎꙐꙒꙔꙖꙘꙚꙜꙞꙠꙢꙤꙦꙨꙪꙬꚀꚂꚄꚆꚈꚊꚌꚎꚐꚒꚔꚖꚘꚚꜢꜤꜦꜨꜪꜬꜮꜲꜴꜶꜸꜺꜼꜾꝀꝂꝄꝆꝈꝊꝌꝎꝐꝒꝔꝖꝘꝚꝜꝞꝠꝢꝤꝦꝨꝪꝬꝮꝹꝻꝽꝾꞀꞂꞄꞆꞋꞍꞐꞒꞖꞘꞚꞜꞞꞠꞢꞤꞦꞨꞪꞫꞬꞭꞮꞰꞱꞲꞳꞴꞶꞸꞺꞼꞾꟀꟂꟄꟅꟆꟇꟉꟐꟖꟘꟵＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ𐐀𐐁𐐂𐐃𐐄𐐅𐐆𐐇𐐈𐐉𐐊𐐋𐐌𐐍𐐎𐐏𐐐𐐑𐐒𐐓𐐔𐐕𐐖𐐗𐐘𐐙𐐚𐐛𐐜𐐝𐐞𐐟𐐠𐐡𐐢𐐣𐐤𐐥𐐦𐐧𐒰𐒱𐒲𐒳𐒴𐒵𐒶𐒷𐒸𐒹𐒺𐒻𐒼𐒽𐒾𐒿𐓀𐓁𐓂𐓃𐓄𐓅𐓆𐓇𐓈𐓉𐓊𐓋𐓌𐓍𐓎𐓏𐓐𐓑𐓒𐓓𐕰𐕱𐕲𐕳𐕴𐕵𐕶𐕷𐕸𐕹𐕺𐕼𐕽𐕾𐕿𐖀𐖁𐖂𐖃𐖄𐖅𐖆𐖇𐖈𐖉𐖊𐖌𐖍𐖎𐖏𐖐𐖑𐖒𐖔𐖕𐲀𐲁𐲂𐲃𐲄𐲅𐲆𐲇𐲈𐲉𐲊𐲋𐲌𐲍𐲎𐲏𐲐𐲑𐲒𐲓𐲔𐲕𐲖𐲗𐲘𐲙𐲚𐲛𐲜𐲝𐲞𐲟𐲠𐲡𐲢𐲣𐲤𐲥𐲦𐲧𐲨𐲩𐲪𐲫𐲬𐲭𐲮𐲯𐲰𐲱𐲲𑢠𑢡𑢢𑢣𑢤𑢥𑢦𑢧𑢨𑢩𑢪𑢫𑢬𑢭𑢮𑢯𑢰𑢱𑢲𑢳𑢴𑢵𑢶𑢷𑢸𑢹𑢺𑢻𑢼𑢽𑢾𑢿𖹀𖹁𖹂𖹃𖹄𖹅𖹆𖹇𖹈𖹉𖹊𖹋𖹌𖹍𖹎𖹏𖹐𖹑𖹒𖹓𖹔𖹕𖹖𖹗𖹘𖹙𖹚𖹛𖹜𖹝𖹞𖹟𞤀𞤁𞤂𞤃𞤄𞤅𞤆𞤇𞤈𞤉𞤊𞤋𞤌𞤍𞤎𞤏𞤐𞤑𞤒𞤓𞤔𞤕𞤖𞤗𞤘𞤙𞤚𞤛𞤜𞤝𞤞𞤟𞤠𞤡', 'abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǆǆǉǉǌǌǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭǯǳǳǵƕƿǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯθϸϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆⴀⴁⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭꭰꭱꭲꭳꭴꭵꭶꭷꭸꭹꭺꭻꭼꭽꭾꭿꮀꮁꮂꮃꮄꮅꮆꮇꮈꮉꮊꮋꮌꮍꮎꮏꮐꮑꮒꮓꮔꮕꮖꮗꮘꮙꮚꮛꮜꮝꮞꮟꮠꮡꮢꮣꮤꮥꮦꮧꮨꮩꮪꮫꮬꮭꮮꮯꮰꮱꮲꮳꮴꮵꮶꮷꮸꮹꮺꮻꮼꮽꮾꮿᏸᏹᏺᏻᏼᏽაბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕßạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹỻỽỿἀἁἂἃἄἅἆἇἐἑἒἓἔἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὑὓὕὗὠὡὢὣὤὥὦὧᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾰᾱὰάᾳὲέὴήῃῐῑὶίῠῡὺύῥὸόὼώῳωåⅎⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻⅼⅽⅾⅿↄⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙⓚⓛⓜⓝⓞⓟⓠⓡⓢⓣⓤⓥⓦⓧⓨⓩⰰⰱⰲⰳⰴⰵⰶⰷⰸⰹⰺⰻⰼⰽⰾⰿⱀⱁⱂⱃⱄⱅⱆⱇⱈⱉⱊⱋⱌⱍⱎⱏⱐⱑⱒⱓⱔⱕⱖⱗⱘⱙⱚⱛⱜⱝⱞⱟⱡɫᵽɽⱨⱪⱬɑɱɐɒⱳⱶȿɀⲁⲃⲅⲇⲉⲋⲍⲏⲑⲓⲕⲗⲙⲛⲝⲟⲡⲣⲥⲧⲩⲫⲭⲯⲱⲳⲵⲷⲹⲻⲽⲿⳁⳃⳅⳇⳉⳋⳍⳏⳑⳓⳕⳗⳙⳛⳝⳟⳡⳣⳬⳮⳳꙁꙃꙅꙇꙉꙋꙍꙏꙑꙓꙕꙗꙙꙛꙝꙟꙡꙣꙥꙧꙩꙫꙭꚁꚃꚅꚇꚉꚋꚍꚏꚑꚓꚕꚗꚙꚛꜣꜥꜧꜩꜫꜭꜯꜳꜵꜷꜹꜻꜽꜿꝁꝃꝅꝇꝉꝋꝍꝏꝑꝓꝕꝗꝙꝛꝝꝟꝡꝣꝥꝧꝩꝫꝭꝯꝺꝼᵹꝿꞁꞃꞅꞇꞌɥꞑꞓꞗꞙꞛꞝꞟꞡꞣꞥꞧꞩɦɜɡɬɪʞʇʝꭓꞵꞷꞹꞻꞽꞿꟁꟃꞔʂᶎꟈꟊꟑꟗꟙꟶａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ𐐨𐐩𐐪𐐫𐐬𐐭𐐮𐐯𐐰𐐱𐐲𐐳𐐴𐐵𐐶𐐷𐐸𐐹𐐺𐐻𐐼𐐽𐐾𐐿𐑀𐑁𐑂𐑃𐑄𐑅𐑆𐑇𐑈𐑉𐑊𐑋𐑌𐑍𐑎𐑏𐓘𐓙𐓚𐓛𐓜𐓝𐓞𐓟𐓠𐓡𐓢𐓣𐓤𐓥𐓦𐓧𐓨𐓩𐓪𐓫𐓬𐓭𐓮𐓯𐓰𐓱𐓲𐓳𐓴𐓵𐓶𐓷𐓸𐓹𐓺𐓻𐖗𐖘𐖙𐖚𐖛𐖜𐖝𐖞𐖟𐖠𐖡𐖣𐖤𐖥𐖦𐖧𐖨𐖩𐖪𐖫𐖬𐖭𐖮𐖯𐖰𐖱𐖳𐖴𐖵𐖶𐖷𐖸𐖹𐖻𐖼𐳀𐳁𐳂𐳃𐳄𐳅𐳆𐳇𐳈𐳉𐳊𐳋𐳌𐳍𐳎𐳏𐳐𐳑𐳒𐳓𐳔𐳕𐳖𐳗𐳘𐳙𐳚𐳛𐳜𐳝𐳞𐳟𐳠𐳡𐳢𐳣𐳤𐳥𐳦𐳧𐳨𐳩𐳪𐳫𐳬𐳭𐳮𐳯𐳰𐳱𐳲𑣀𑣁𑣂𑣃𑣄𑣅𑣆𑣇𑣈𑣉𑣊𑣋𑣌𑣍𑣎𑣏𑣐𑣑𑣒𑣓𑣔𑣕𑣖𑣗𑣘𑣙𑣚𑣛𑣜𑣝𑣞𑣟𖹠𖹡𖹢𖹣𖹤𖹥𖹦𖹧𖹨𖹩𖹪𖹫𖹬𖹭𖹮𖹯𖹰𖹱𖹲𖹳𖹴𖹵𖹶𖹷𖹸𖹹𖹺𖹻𖹼𖹽𖹾𖹿𞤢𞤣𞤤𞤥𞤦𞤧𞤨𞤩𞤪𞤫𞤬𞤭𞤮𞤯𞤰𞤱𞤲𞤳𞤴𞤵𞤶𞤷𞤸𞤹𞤺𞤻𞤼𞤽𞤾𞤿𞥀𞥁𞥂𞥃') END END AS p_asset_id_folded
    , ((kind = 'content_download') AND age < 15552000000000) AS b_rows_2
    , COALESCE(kind = 'intent' AND (p_strength >= 60), FALSE) AS b_intent_sure
    , COALESCE(kind = 'intent' AND (p_strength >= 60), TRUE) AS b_intent_possible
  FROM e
), e2 AS NOT MATERIALIZED (
  SELECT e1.*
    , COALESCE(kind = 'page_view' AND (p_page_folded = '/pricing'), FALSE) AS b_page_view_sure
    , COALESCE(kind = 'page_view' AND (p_page_folded = '/pricing'), TRUE) AS b_page_view_possible
    , (((kind = 'content_download') AND age < 15552000000000) AND p_asset_id_folded IS NOT NULL) AS b_rows
  FROM e1
), found AS (
  SELECT lead_id
    , CAST(LIST_SUM(LIST_TRANSFORM(MIN(age, 2) FILTER (WHERE (b_page_view_sure AND age < 7776000000000)), lambda each_age: ([20000, 19543, 19097, 18661, 18234, 17818, 17411, 17013, 16625, 16245, 15874, 15511, 15157, 14811, 14473, 14142, 13819, 13503, 13195, 12894, 12599, 12311, 12030, 11755, 11487, 11225, 10968, 10718, 10473, 10234, 10000, 9772, 9548, 9330, 9117, 8909, 8706, 8507, 8312, 8123, 7937, 7756, 7579, 7405, 7236, 7071, 6910, 6752, 6598, 6447, 6300, 6156, 6015, 5878, 5743, 5612, 5484, 5359, 5236, 5117, 5000, 4886, 4774, 4665, 4559, 4454, 4353, 4253, 4156, 4061, 3969, 3878, 3789, 3703, 3618, 3536, 3455, 3376, 3299, 3223, 3150, 3078, 3008, 2939, 2872, 2806, 2742, 2679, 2618, 2558, 2500, 2443, 2387, 2333, 2279, 2227, 2176, 2127, 2078, 2031, 1984, 1939, 1895, 1851, 1809, 1768, 1727, 1688, 1649, 1612, 1575, 1539, 1504, 1469, 1436, 1403, 1371, 1340, 1309, 1279, 1250, 1221, 1194, 1166, 1140, 1114, 1088, 1063, 1039, 1015, 992, 969, 947, 926, 905, 884, 864, 844, 825, 806, 787, 769, 752, 735, 718, 702, 686, 670, 655, 640, 625, 611, 597, 583, 570, 557, 544, 532, 520, 508, 496, 485, 474, 463, 452, 442, 432, 422, 412, 403, 394, 385, 376, 367, 359, 351, 343, 335, 327, 320, 312, 305, 298, 292, 285, 278, 272, 266, 260, 254, 248, 242, 237, 231, 226, 221, 216, 211, 206, 201, 197, 192, 188, 184, 179, 175, 171, 167, 164, 160, 156, 153, 149, 146, 142, 139, 136, 133, 130, 127, 124, 121, 118, 116, 113, 110, 108, 105, 103, 101, 98, 96, 94, 92, 90, 88, 86, 84, 82, 80, 78, 76, 75, 73, 71, 70, 68, 66, 65, 63, 62, 61, 59, 58, 57, 55, 54, 53, 52, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 36, 35, 34, 33, 32, 32, 31, 30, 30, 29, 28, 28, 27, 26, 26, 25, 25, 24, 23, 23, 22, 22, 21, 21, 20, 20, 20, 19, 19, 18, 18, 17, 17, 17, 16, 16, 16, 15, 15, 14, 14, 14, 13, 13, 13, 13, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((each_age // 86400000000), 459) + 1])) AS BIGINT) AS a_page_view_90_days_left
    , CAST(LIST_SUM(LIST_TRANSFORM(MIN(age, 2) FILTER (WHERE (b_page_view_possible AND age < 7776000000000)), lambda each_age: ([20000, 19543, 19097, 18661, 18234, 17818, 17411, 17013, 16625, 16245, 15874, 15511, 15157, 14811, 14473, 14142, 13819, 13503, 13195, 12894, 12599, 12311, 12030, 11755, 11487, 11225, 10968, 10718, 10473, 10234, 10000, 9772, 9548, 9330, 9117, 8909, 8706, 8507, 8312, 8123, 7937, 7756, 7579, 7405, 7236, 7071, 6910, 6752, 6598, 6447, 6300, 6156, 6015, 5878, 5743, 5612, 5484, 5359, 5236, 5117, 5000, 4886, 4774, 4665, 4559, 4454, 4353, 4253, 4156, 4061, 3969, 3878, 3789, 3703, 3618, 3536, 3455, 3376, 3299, 3223, 3150, 3078, 3008, 2939, 2872, 2806, 2742, 2679, 2618, 2558, 2500, 2443, 2387, 2333, 2279, 2227, 2176, 2127, 2078, 2031, 1984, 1939, 1895, 1851, 1809, 1768, 1727, 1688, 1649, 1612, 1575, 1539, 1504, 1469, 1436, 1403, 1371, 1340, 1309, 1279, 1250, 1221, 1194, 1166, 1140, 1114, 1088, 1063, 1039, 1015, 992, 969, 947, 926, 905, 884, 864, 844, 825, 806, 787, 769, 752, 735, 718, 702, 686, 670, 655, 640, 625, 611, 597, 583, 570, 557, 544, 532, 520, 508, 496, 485, 474, 463, 452, 442, 432, 422, 412, 403, 394, 385, 376, 367, 359, 351, 343, 335, 327, 320, 312, 305, 298, 292, 285, 278, 272, 266, 260, 254, 248, 242, 237, 231, 226, 221, 216, 211, 206, 201, 197, 192, 188, 184, 179, 175, 171, 167, 164, 160, 156, 153, 149, 146, 142, 139, 136, 133, 130, 127, 124, 121, 118, 116, 113, 110, 108, 105, 103, 101, 98, 96, 94, 92, 90, 88, 86, 84, 82, 80, 78, 76, 75, 73, 71, 70, 68, 66, 65, 63, 62, 61, 59, 58, 57, 55, 54, 53, 52, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 36, 35, 34, 33, 32, 32, 31, 30, 30, 29, 28, 28, 27, 26, 26, 25, 25, 24, 23, 23, 22, 22, 21, 21, 20, 20, 20, 19, 19, 18, 18, 17, 17, 17, 16, 16, 16, 15, 15, 14, 14, 14, 13, 13, 13, 13, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((each_age // 86400000000), 459) + 1])) AS BIGINT) AS a_page_view_90_days_left_most
    , CAST(LIST_SUM(LIST_TRANSFORM(MIN(age, 3) FILTER (WHERE ((kind = 'email_open') AND age < 5184000000000)), lambda each_age: ([5000, 4886, 4774, 4665, 4559, 4454, 4353, 4253, 4156, 4061, 3969, 3878, 3789, 3703, 3618, 3536, 3455, 3376, 3299, 3223, 3150, 3078, 3008, 2939, 2872, 2806, 2742, 2679, 2618, 2558, 2500, 2443, 2387, 2333, 2279, 2227, 2176, 2127, 2078, 2031, 1984, 1939, 1895, 1851, 1809, 1768, 1727, 1688, 1649, 1612, 1575, 1539, 1504, 1469, 1436, 1403, 1371, 1340, 1309, 1279, 1250, 1221, 1194, 1166, 1140, 1114, 1088, 1063, 1039, 1015, 992, 969, 947, 926, 905, 884, 864, 844, 825, 806, 787, 769, 752, 735, 718, 702, 686, 670, 655, 640, 625, 611, 597, 583, 570, 557, 544, 532, 520, 508, 496, 485, 474, 463, 452, 442, 432, 422, 412, 403, 394, 385, 376, 367, 359, 351, 343, 335, 327, 320, 312, 305, 298, 292, 285, 278, 272, 266, 260, 254, 248, 242, 237, 231, 226, 221, 216, 211, 206, 201, 197, 192, 188, 184, 179, 175, 171, 167, 164, 160, 156, 153, 149, 146, 142, 139, 136, 133, 130, 127, 124, 121, 118, 116, 113, 110, 108, 105, 103, 101, 98, 96, 94, 92, 90, 88, 86, 84, 82, 80, 78, 76, 75, 73, 71, 70, 68, 66, 65, 63, 62, 61, 59, 58, 57, 55, 54, 53, 52, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 36, 35, 34, 33, 32, 32, 31, 30, 30, 29, 28, 28, 27, 26, 26, 25, 25, 24, 23, 23, 22, 22, 21, 21, 20, 20, 20, 19, 19, 18, 18, 17, 17, 17, 16, 16, 16, 15, 15, 14, 14, 14, 13, 13, 13, 13, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((each_age // 86400000000), 399) + 1])) AS BIGINT) AS a_email_open_60_days_left
    , MIN(age) FILTER (WHERE (b_intent_sure AND age < 5184000000000)) AS a_intent_60_days_left
    , MIN(age) FILTER (WHERE (b_intent_possible AND age < 5184000000000)) AS a_intent_60_days_left_most
    , COUNT(*) FILTER (WHERE ((kind = 'demo_request') AND age < 604800000000)) AS a_demo_request_7_days_n
    , COUNT(*) FILTER (WHERE ((kind = 'email_click') AND age < 2592000000000)) AS a_email_click_30_days_n
  FROM e2
  GROUP BY lead_id
), some1_e AS (
  SELECT *
  FROM e2
  WHERE b_rows
), some1_w1 AS (
  SELECT some1_e.*
    , SUM(CASE WHEN (((kind = 'content_download') AND age < 15552000000000) AND p_asset_id_folded IS NOT NULL) THEN 1 ELSE 0 END) OVER (PARTITION BY lead_id, p_asset_id_folded ORDER BY age ASC ROWS UNBOUNDED PRECEDING) AS w_of_value
  FROM some1_e
), some1_w2 AS (
  SELECT some1_w1.*
    , SUM(CASE WHEN ((((kind = 'content_download') AND age < 15552000000000) AND p_asset_id_folded IS NOT NULL) AND (w_of_value = 1 OR p_asset_id_folded IS NULL)) THEN 1 ELSE 0 END) OVER (PARTITION BY lead_id ORDER BY age ASC ROWS UNBOUNDED PRECEDING) AS w_place
  FROM some1_w1
), some1 AS (
  SELECT lead_id
    , CAST(SUM(([10000, 9772, 9548, 9330, 9117, 8909, 8706, 8507, 8312, 8123, 7937, 7756, 7579, 7405, 7236, 7071, 6910, 6752, 6598, 6447, 6300, 6156, 6015, 5878, 5743, 5612, 5484, 5359, 5236, 5117, 5000, 4886, 4774, 4665, 4559, 4454, 4353, 4253, 4156, 4061, 3969, 3878, 3789, 3703, 3618, 3536, 3455, 3376, 3299, 3223, 3150, 3078, 3008, 2939, 2872, 2806, 2742, 2679, 2618, 2558, 2500, 2443, 2387, 2333, 2279, 2227, 2176, 2127, 2078, 2031, 1984, 1939, 1895, 1851, 1809, 1768, 1727, 1688, 1649, 1612, 1575, 1539, 1504, 1469, 1436, 1403, 1371, 1340, 1309, 1279, 1250, 1221, 1194, 1166, 1140, 1114, 1088, 1063, 1039, 1015, 992, 969, 947, 926, 905, 884, 864, 844, 825, 806, 787, 769, 752, 735, 718, 702, 686, 670, 655, 640, 625, 611, 597, 583, 570, 557, 544, 532, 520, 508, 496, 485, 474, 463, 452, 442, 432, 422, 412, 403, 394, 385, 376, 367, 359, 351, 343, 335, 327, 320, 312, 305, 298, 292, 285, 278, 272, 266, 260, 254, 248, 242, 237, 231, 226, 221, 216, 211, 206, 201, 197, 192, 188, 184, 179, 175, 171, 167, 164, 160, 156, 153, 149, 146, 142, 139, 136, 133, 130, 127, 124, 121, 118, 116, 113, 110, 108, 105, 103, 101, 98, 96, 94, 92, 90, 88, 86, 84, 82, 80, 78, 76, 75, 73, 71, 70, 68, 66, 65, 63, 62, 61, 59, 58, 57, 55, 54, 53, 52, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 36, 35, 34, 33, 32, 32, 31, 30, 30, 29, 28, 28, 27, 26, 26, 25, 25, 24, 23, 23, 22, 22, 21, 21, 20, 20, 20, 19, 19, 18, 18, 17, 17, 17, 16, 16, 16, 15, 15, 14, 14, 14, 13, 13, 13, 13, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((age // 86400000000), 429) + 1]) FILTER (WHERE (((((kind = 'content_download') AND age < 15552000000000) AND p_asset_id_folded IS NOT NULL) AND (w_of_value = 1 OR p_asset_id_folded IS NULL)) AND w_place <= 3)) AS BIGINT) AS a_download_left
  FROM some1_w2
  GROUP BY lead_id
), some2_e AS (
  SELECT *
  FROM e2
  WHERE b_rows_2
), some2_w1 AS (
  SELECT some2_e.*
    , SUM(CASE WHEN ((kind = 'content_download') AND age < 15552000000000) THEN 1 ELSE 0 END) OVER (PARTITION BY lead_id, p_asset_id_folded ORDER BY age ASC ROWS UNBOUNDED PRECEDING) AS w_of_value
  FROM some2_e
), some2_w2 AS (
  SELECT some2_w1.*
    , SUM(CASE WHEN (((kind = 'content_download') AND age < 15552000000000) AND (w_of_value = 1 OR p_asset_id_folded IS NULL)) THEN 1 ELSE 0 END) OVER (PARTITION BY lead_id ORDER BY age ASC ROWS UNBOUNDED PRECEDING) AS w_place
  FROM some2_w1
), some2 AS (
  SELECT lead_id
    , CAST(SUM(([10000, 9772, 9548, 9330, 9117, 8909, 8706, 8507, 8312, 8123, 7937, 7756, 7579, 7405, 7236, 7071, 6910, 6752, 6598, 6447, 6300, 6156, 6015, 5878, 5743, 5612, 5484, 5359, 5236, 5117, 5000, 4886, 4774, 4665, 4559, 4454, 4353, 4253, 4156, 4061, 3969, 3878, 3789, 3703, 3618, 3536, 3455, 3376, 3299, 3223, 3150, 3078, 3008, 2939, 2872, 2806, 2742, 2679, 2618, 2558, 2500, 2443, 2387, 2333, 2279, 2227, 2176, 2127, 2078, 2031, 1984, 1939, 1895, 1851, 1809, 1768, 1727, 1688, 1649, 1612, 1575, 1539, 1504, 1469, 1436, 1403, 1371, 1340, 1309, 1279, 1250, 1221, 1194, 1166, 1140, 1114, 1088, 1063, 1039, 1015, 992, 969, 947, 926, 905, 884, 864, 844, 825, 806, 787, 769, 752, 735, 718, 702, 686, 670, 655, 640, 625, 611, 597, 583, 570, 557, 544, 532, 520, 508, 496, 485, 474, 463, 452, 442, 432, 422, 412, 403, 394, 385, 376, 367, 359, 351, 343, 335, 327, 320, 312, 305, 298, 292, 285, 278, 272, 266, 260, 254, 248, 242, 237, 231, 226, 221, 216, 211, 206, 201, 197, 192, 188, 184, 179, 175, 171, 167, 164, 160, 156, 153, 149, 146, 142, 139, 136, 133, 130, 127, 124, 121, 118, 116, 113, 110, 108, 105, 103, 101, 98, 96, 94, 92, 90, 88, 86, 84, 82, 80, 78, 76, 75, 73, 71, 70, 68, 66, 65, 63, 62, 61, 59, 58, 57, 55, 54, 53, 52, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 36, 35, 34, 33, 32, 32, 31, 30, 30, 29, 28, 28, 27, 26, 26, 25, 25, 24, 23, 23, 22, 22, 21, 21, 20, 20, 20, 19, 19, 18, 18, 17, 17, 17, 16, 16, 16, 15, 15, 14, 14, 14, 13, 13, 13, 13, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((age // 86400000000), 429) + 1]) FILTER (WHERE ((((kind = 'content_download') AND age < 15552000000000) AND (w_of_value = 1 OR p_asset_id_folded IS NULL)) AND w_place <= 3)) AS BIGINT) AS a_download_left_2
  FROM some2_w2
  GROUP BY lead_id
), known AS (
  SELECT read_leads.lead_id AS lead_id
    , read_leads.as_of_us AS as_of_us
    , read_leads.f_is_customer AS f_is_customer
    , read_leads.f_title AS f_title
    , read_leads.f_email AS f_email
    , read_leads.f_employees AS f_employees
    , read_leads.f_industry AS f_industry
    , COALESCE(found.a_page_view_90_days_left, 0) AS a_page_view_90_days_left
    , COALESCE(found.a_page_view_90_days_left_most, 0) AS a_page_view_90_days_left_most
    , COALESCE(found.a_email_open_60_days_left, 0) AS a_email_open_60_days_left
    , found.a_intent_60_days_left AS a_intent_60_days_left
    , found.a_intent_60_days_left_most AS a_intent_60_days_left_most
    , COALESCE(found.a_demo_request_7_days_n, 0) AS a_demo_request_7_days_n
    , COALESCE(found.a_email_click_30_days_n, 0) AS a_email_click_30_days_n
    , COALESCE(some1.a_download_left, 0) AS a_download_left
    , COALESCE(some2.a_download_left_2, 0) AS a_download_left_2
  FROM read_leads
  LEFT JOIN found ON found.lead_id = read_leads.lead_id
  LEFT JOIN some1 ON some1.lead_id = read_leads.lead_id
  LEFT JOIN some2 ON some2.lead_id = read_leads.lead_id
), k1 AS (
  SELECT known.*
    , COALESCE(f_is_customer, FALSE) AS c_is_a_customer  -- never 'is a customer'
    , LOWER(REPLACE(REPLACE(f_title, 'K', ''), 'İ', '')) AS f_title_folded
    , CASE WHEN (STRPOS(SUBSTR(f_email, 2), '@') > 0 AND NOT (LTRIM(SPLIT_PART(f_email, '@', -1), ' ') = '')) THEN SPLIT_PART(f_email, '@', -1) END AS f_email_domain
    , (f_employees < 10) AS c_size_1
    , ((f_employees >= 50) AND (f_employees < 1000)) AS c_size_2
    , (f_employees >= 1000) AS c_size_3
    , LOWER(REPLACE(REPLACE(f_industry, 'K', ''), 'İ', '')) AS f_industry_folded
    , LEAST(CASE WHEN a_intent_60_days_left IS NULL THEN 0 ELSE ([15000, 14657, 14323, 13995, 13676, 13363, 13058, 12760, 12469, 12184, 11906, 11634, 11368, 11108, 10855, 10607, 10364, 10128, 9896, 9670, 9449, 9234, 9023, 8817, 8615, 8418, 8226, 8038, 7855, 7675, 7500, 7329, 7161, 6998, 6838, 6682, 6529, 6380, 6234, 6092, 5953, 5817, 5684, 5554, 5427, 5303, 5182, 5064, 4948, 4835, 4725, 4617, 4511, 4408, 4308, 4209, 4113, 4019, 3927, 3838, 3750, 3664, 3581, 3499, 3419, 3341, 3265, 3190, 3117, 3046, 2976, 2908, 2842, 2777, 2714, 2652, 2591, 2532, 2474, 2418, 2362, 2308, 2256, 2204, 2154, 2105, 2057, 2010, 1964, 1919, 1875, 1832, 1790, 1749, 1709, 1670, 1632, 1595, 1559, 1523, 1488, 1454, 1421, 1389, 1357, 1326, 1296, 1266, 1237, 1209, 1181, 1154, 1128, 1102, 1077, 1052, 1028, 1005, 982, 959, 938, 916, 895, 875, 855, 835, 816, 798, 779, 761, 744, 727, 710, 694, 678, 663, 648, 633, 619, 604, 591, 577, 564, 551, 538, 526, 514, 502, 491, 480, 469, 458, 448, 437, 427, 418, 408, 399, 390, 381, 372, 364, 355, 347, 339, 331, 324, 316, 309, 302, 295, 289, 282, 276, 269, 263, 257, 251, 245, 240, 234, 229, 224, 219, 214, 209, 204, 199, 195, 190, 186, 182, 178, 174, 170, 166, 162, 158, 155, 151, 148, 144, 141, 138, 135, 132, 129, 126, 123, 120, 117, 115, 112, 109, 107, 104, 102, 100, 97, 95, 93, 91, 89, 87, 85, 83, 81, 79, 77, 76, 74, 72, 70, 69, 67, 66, 64, 63, 61, 60, 59, 57, 56, 55, 53, 52, 51, 50, 49, 48, 47, 45, 44, 43, 42, 41, 40, 40, 39, 38, 37, 36, 35, 34, 34, 33, 32, 31, 31, 30, 29, 29, 28, 27, 27, 26, 26, 25, 24, 24, 23, 23, 22, 22, 21, 21, 20, 20, 19, 19, 18, 18, 18, 17, 17, 16, 16, 16, 15, 15, 15, 14, 14, 14, 13, 13, 13, 12, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((a_intent_60_days_left // 86400000000), 447) + 1] END, CASE WHEN a_intent_60_days_left_most IS NULL THEN 0 ELSE ([15000, 14657, 14323, 13995, 13676, 13363, 13058, 12760, 12469, 12184, 11906, 11634, 11368, 11108, 10855, 10607, 10364, 10128, 9896, 9670, 9449, 9234, 9023, 8817, 8615, 8418, 8226, 8038, 7855, 7675, 7500, 7329, 7161, 6998, 6838, 6682, 6529, 6380, 6234, 6092, 5953, 5817, 5684, 5554, 5427, 5303, 5182, 5064, 4948, 4835, 4725, 4617, 4511, 4408, 4308, 4209, 4113, 4019, 3927, 3838, 3750, 3664, 3581, 3499, 3419, 3341, 3265, 3190, 3117, 3046, 2976, 2908, 2842, 2777, 2714, 2652, 2591, 2532, 2474, 2418, 2362, 2308, 2256, 2204, 2154, 2105, 2057, 2010, 1964, 1919, 1875, 1832, 1790, 1749, 1709, 1670, 1632, 1595, 1559, 1523, 1488, 1454, 1421, 1389, 1357, 1326, 1296, 1266, 1237, 1209, 1181, 1154, 1128, 1102, 1077, 1052, 1028, 1005, 982, 959, 938, 916, 895, 875, 855, 835, 816, 798, 779, 761, 744, 727, 710, 694, 678, 663, 648, 633, 619, 604, 591, 577, 564, 551, 538, 526, 514, 502, 491, 480, 469, 458, 448, 437, 427, 418, 408, 399, 390, 381, 372, 364, 355, 347, 339, 331, 324, 316, 309, 302, 295, 289, 282, 276, 269, 263, 257, 251, 245, 240, 234, 229, 224, 219, 214, 209, 204, 199, 195, 190, 186, 182, 178, 174, 170, 166, 162, 158, 155, 151, 148, 144, 141, 138, 135, 132, 129, 126, 123, 120, 117, 115, 112, 109, 107, 104, 102, 100, 97, 95, 93, 91, 89, 87, 85, 83, 81, 79, 77, 76, 74, 72, 70, 69, 67, 66, 64, 63, 61, 60, 59, 57, 56, 55, 53, 52, 51, 50, 49, 48, 47, 45, 44, 43, 42, 41, 40, 40, 39, 38, 37, 36, 35, 34, 34, 33, 32, 31, 31, 30, 29, 29, 28, 27, 27, 26, 26, 25, 24, 24, 23, 23, 22, 22, 21, 21, 20, 20, 19, 19, 18, 18, 18, 17, 17, 16, 16, 16, 15, 15, 15, 14, 14, 14, 13, 13, 13, 12, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((a_intent_60_days_left_most // 86400000000), 447) + 1] END) AS r_strong_intent_low
    , CASE WHEN a_intent_60_days_left IS NULL THEN 0 ELSE ([15000, 14657, 14323, 13995, 13676, 13363, 13058, 12760, 12469, 12184, 11906, 11634, 11368, 11108, 10855, 10607, 10364, 10128, 9896, 9670, 9449, 9234, 9023, 8817, 8615, 8418, 8226, 8038, 7855, 7675, 7500, 7329, 7161, 6998, 6838, 6682, 6529, 6380, 6234, 6092, 5953, 5817, 5684, 5554, 5427, 5303, 5182, 5064, 4948, 4835, 4725, 4617, 4511, 4408, 4308, 4209, 4113, 4019, 3927, 3838, 3750, 3664, 3581, 3499, 3419, 3341, 3265, 3190, 3117, 3046, 2976, 2908, 2842, 2777, 2714, 2652, 2591, 2532, 2474, 2418, 2362, 2308, 2256, 2204, 2154, 2105, 2057, 2010, 1964, 1919, 1875, 1832, 1790, 1749, 1709, 1670, 1632, 1595, 1559, 1523, 1488, 1454, 1421, 1389, 1357, 1326, 1296, 1266, 1237, 1209, 1181, 1154, 1128, 1102, 1077, 1052, 1028, 1005, 982, 959, 938, 916, 895, 875, 855, 835, 816, 798, 779, 761, 744, 727, 710, 694, 678, 663, 648, 633, 619, 604, 591, 577, 564, 551, 538, 526, 514, 502, 491, 480, 469, 458, 448, 437, 427, 418, 408, 399, 390, 381, 372, 364, 355, 347, 339, 331, 324, 316, 309, 302, 295, 289, 282, 276, 269, 263, 257, 251, 245, 240, 234, 229, 224, 219, 214, 209, 204, 199, 195, 190, 186, 182, 178, 174, 170, 166, 162, 158, 155, 151, 148, 144, 141, 138, 135, 132, 129, 126, 123, 120, 117, 115, 112, 109, 107, 104, 102, 100, 97, 95, 93, 91, 89, 87, 85, 83, 81, 79, 77, 76, 74, 72, 70, 69, 67, 66, 64, 63, 61, 60, 59, 57, 56, 55, 53, 52, 51, 50, 49, 48, 47, 45, 44, 43, 42, 41, 40, 40, 39, 38, 37, 36, 35, 34, 34, 33, 32, 31, 31, 30, 29, 29, 28, 27, 27, 26, 26, 25, 24, 24, 23, 23, 22, 22, 21, 21, 20, 20, 19, 19, 18, 18, 18, 17, 17, 16, 16, 16, 15, 15, 15, 14, 14, 14, 13, 13, 13, 12, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((a_intent_60_days_left // 86400000000), 447) + 1] END AS r_strong_intent
    , GREATEST(CASE WHEN a_intent_60_days_left IS NULL THEN 0 ELSE ([15000, 14657, 14323, 13995, 13676, 13363, 13058, 12760, 12469, 12184, 11906, 11634, 11368, 11108, 10855, 10607, 10364, 10128, 9896, 9670, 9449, 9234, 9023, 8817, 8615, 8418, 8226, 8038, 7855, 7675, 7500, 7329, 7161, 6998, 6838, 6682, 6529, 6380, 6234, 6092, 5953, 5817, 5684, 5554, 5427, 5303, 5182, 5064, 4948, 4835, 4725, 4617, 4511, 4408, 4308, 4209, 4113, 4019, 3927, 3838, 3750, 3664, 3581, 3499, 3419, 3341, 3265, 3190, 3117, 3046, 2976, 2908, 2842, 2777, 2714, 2652, 2591, 2532, 2474, 2418, 2362, 2308, 2256, 2204, 2154, 2105, 2057, 2010, 1964, 1919, 1875, 1832, 1790, 1749, 1709, 1670, 1632, 1595, 1559, 1523, 1488, 1454, 1421, 1389, 1357, 1326, 1296, 1266, 1237, 1209, 1181, 1154, 1128, 1102, 1077, 1052, 1028, 1005, 982, 959, 938, 916, 895, 875, 855, 835, 816, 798, 779, 761, 744, 727, 710, 694, 678, 663, 648, 633, 619, 604, 591, 577, 564, 551, 538, 526, 514, 502, 491, 480, 469, 458, 448, 437, 427, 418, 408, 399, 390, 381, 372, 364, 355, 347, 339, 331, 324, 316, 309, 302, 295, 289, 282, 276, 269, 263, 257, 251, 245, 240, 234, 229, 224, 219, 214, 209, 204, 199, 195, 190, 186, 182, 178, 174, 170, 166, 162, 158, 155, 151, 148, 144, 141, 138, 135, 132, 129, 126, 123, 120, 117, 115, 112, 109, 107, 104, 102, 100, 97, 95, 93, 91, 89, 87, 85, 83, 81, 79, 77, 76, 74, 72, 70, 69, 67, 66, 64, 63, 61, 60, 59, 57, 56, 55, 53, 52, 51, 50, 49, 48, 47, 45, 44, 43, 42, 41, 40, 40, 39, 38, 37, 36, 35, 34, 34, 33, 32, 31, 31, 30, 29, 29, 28, 27, 27, 26, 26, 25, 24, 24, 23, 23, 22, 22, 21, 21, 20, 20, 19, 19, 18, 18, 18, 17, 17, 16, 16, 16, 15, 15, 15, 14, 14, 14, 13, 13, 13, 12, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((a_intent_60_days_left // 86400000000), 447) + 1] END, CASE WHEN a_intent_60_days_left_most IS NULL THEN 0 ELSE ([15000, 14657, 14323, 13995, 13676, 13363, 13058, 12760, 12469, 12184, 11906, 11634, 11368, 11108, 10855, 10607, 10364, 10128, 9896, 9670, 9449, 9234, 9023, 8817, 8615, 8418, 8226, 8038, 7855, 7675, 7500, 7329, 7161, 6998, 6838, 6682, 6529, 6380, 6234, 6092, 5953, 5817, 5684, 5554, 5427, 5303, 5182, 5064, 4948, 4835, 4725, 4617, 4511, 4408, 4308, 4209, 4113, 4019, 3927, 3838, 3750, 3664, 3581, 3499, 3419, 3341, 3265, 3190, 3117, 3046, 2976, 2908, 2842, 2777, 2714, 2652, 2591, 2532, 2474, 2418, 2362, 2308, 2256, 2204, 2154, 2105, 2057, 2010, 1964, 1919, 1875, 1832, 1790, 1749, 1709, 1670, 1632, 1595, 1559, 1523, 1488, 1454, 1421, 1389, 1357, 1326, 1296, 1266, 1237, 1209, 1181, 1154, 1128, 1102, 1077, 1052, 1028, 1005, 982, 959, 938, 916, 895, 875, 855, 835, 816, 798, 779, 761, 744, 727, 710, 694, 678, 663, 648, 633, 619, 604, 591, 577, 564, 551, 538, 526, 514, 502, 491, 480, 469, 458, 448, 437, 427, 418, 408, 399, 390, 381, 372, 364, 355, 347, 339, 331, 324, 316, 309, 302, 295, 289, 282, 276, 269, 263, 257, 251, 245, 240, 234, 229, 224, 219, 214, 209, 204, 199, 195, 190, 186, 182, 178, 174, 170, 166, 162, 158, 155, 151, 148, 144, 141, 138, 135, 132, 129, 126, 123, 120, 117, 115, 112, 109, 107, 104, 102, 100, 97, 95, 93, 91, 89, 87, 85, 83, 81, 79, 77, 76, 74, 72, 70, 69, 67, 66, 64, 63, 61, 60, 59, 57, 56, 55, 53, 52, 51, 50, 49, 48, 47, 45, 44, 43, 42, 41, 40, 40, 39, 38, 37, 36, 35, 34, 34, 33, 32, 31, 31, 30, 29, 29, 28, 27, 27, 26, 26, 25, 24, 24, 23, 23, 22, 22, 21, 21, 20, 20, 19, 19, 18, 18, 18, 17, 17, 16, 16, 16, 15, 15, 15, 14, 14, 14, 13, 13, 13, 12, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]::BIGINT[])[LEAST((a_intent_60_days_left_most // 86400000000), 447) + 1] END) AS r_strong_intent_high
    , (a_demo_request_7_days_n >= 1) AS c_asked_for_a_demonstration  -- at_once 'asked for a demonstration'
    , (a_email_click_30_days_n >= 2) AS c_e_mail_mql  -- label 'e-mail MQL'
  FROM known
), k2 AS (
  SELECT k1.*
    , (CONTAINS(f_title_folded, 'intern') OR CONTAINS(f_title_folded, 'student')) AS c_is_a_student  -- never 'is a student'
    , LOWER(REPLACE(REPLACE(f_email_domain, 'K', ''), 'İ', '')) AS f_email_folded
    , CASE WHEN c_size_1 THEN -10000 WHEN c_size_2 THEN 20000 WHEN c_size_3 THEN 10000 ELSE 0 END AS c_size_points
    , CASE WHEN c_size_1 THEN 1 WHEN c_size_2 THEN 2 WHEN c_size_3 THEN 3 ELSE 4 END AS c_size_met
    , (CONTAINS(f_title_folded, 'chief') OR CONTAINS(f_title_folded, 'vp')) AS c_seniority_1
    , (CONTAINS(f_title_folded, 'director') OR CONTAINS(f_title_folded, 'head of')) AS c_seniority_2
    , (CONTAINS(f_title_folded, 'manager')) AS c_seniority_3
    , CASE f_industry_folded WHEN 'logistics' THEN 10000 WHEN 'manufacturing' THEN 10000 WHEN 'software' THEN 15000 ELSE 0 END AS r_industry_low
    , CASE WHEN f_industry_folded IS NULL THEN 15000 ELSE CASE f_industry_folded WHEN 'logistics' THEN 10000 WHEN 'manufacturing' THEN 10000 WHEN 'software' THEN 15000 ELSE 0 END END AS r_industry_high
    , (LEAST(CAST(0 AS BIGINT) + LEAST(a_page_view_90_days_left, a_page_view_90_days_left_most) + LEAST(a_download_left, a_download_left_2) + a_email_open_60_days_left + r_strong_intent_low, 80000)) AS s_engagement_low
    , (LEAST(CAST(0 AS BIGINT) + a_page_view_90_days_left + a_download_left + a_email_open_60_days_left + r_strong_intent, 80000)) AS s_engagement
    , (LEAST(CAST(0 AS BIGINT) + GREATEST(a_page_view_90_days_left, a_page_view_90_days_left_most) + GREATEST(a_download_left, a_download_left_2) + a_email_open_60_days_left + r_strong_intent_high, 80000)) AS s_engagement_high
  FROM k1
), k3 AS (
  SELECT k2.*
    , (f_email_folded = 'rival.example') AS c_works_for_a_competitor  -- never 'works for a competitor'
    , LEAST(c_size_points, CASE WHEN c_size_1 IS NULL AND 1 < c_size_met THEN -10000 ELSE c_size_points END, CASE WHEN c_size_2 IS NULL AND 2 < c_size_met THEN 20000 ELSE c_size_points END, CASE WHEN c_size_3 IS NULL AND 3 < c_size_met THEN 10000 ELSE c_size_points END) AS r_size_low
    , GREATEST(c_size_points, CASE WHEN c_size_1 IS NULL AND 1 < c_size_met THEN -10000 ELSE c_size_points END, CASE WHEN c_size_2 IS NULL AND 2 < c_size_met THEN 20000 ELSE c_size_points END, CASE WHEN c_size_3 IS NULL AND 3 < c_size_met THEN 10000 ELSE c_size_points END) AS r_size_high
    , CASE WHEN c_seniority_1 THEN 25000 WHEN c_seniority_2 THEN 20000 WHEN c_seniority_3 THEN 10000 ELSE 0 END AS c_seniority_points
    , CASE WHEN c_seniority_1 THEN 1 WHEN c_seniority_2 THEN 2 WHEN c_seniority_3 THEN 3 ELSE 4 END AS c_seniority_met
  FROM k2
), k4 AS (
  SELECT k3.*
    , (c_is_a_customer OR c_is_a_student OR c_works_for_a_competitor) AS d_never
    , CASE WHEN c_seniority_met <= 3 THEN c_seniority_points ELSE LEAST(c_seniority_points, CASE WHEN c_seniority_1 IS NULL THEN 25000 ELSE c_seniority_points END, CASE WHEN c_seniority_2 IS NULL THEN 20000 ELSE c_seniority_points END, CASE WHEN c_seniority_3 IS NULL THEN 10000 ELSE c_seniority_points END) END AS r_seniority_low
    , GREATEST(c_seniority_points, CASE WHEN c_seniority_1 IS NULL THEN 25000 ELSE c_seniority_points END, CASE WHEN c_seniority_2 IS NULL THEN 20000 ELSE c_seniority_points END, CASE WHEN c_seniority_3 IS NULL THEN 10000 ELSE c_seniority_points END) AS r_seniority_high
    , (LEAST(CAST(0 AS BIGINT) + c_size_points + c_seniority_points + r_industry_low, 50000)) AS s_fit
  FROM k3
), k5 AS (
  SELECT k4.*
    , (LEAST(CAST(0 AS BIGINT) + r_size_low + r_seniority_low + r_industry_low, 50000)) AS s_fit_low
    , (LEAST(CAST(0 AS BIGINT) + r_size_high + r_seniority_high + r_industry_high, 50000)) AS s_fit_high
    , (CAST(0 AS BIGINT) + s_fit + s_engagement) AS s_total
  FROM k4
), k6 AS (
  SELECT k5.*
    , (CAST(0 AS BIGINT) + s_fit_low + s_engagement_low) AS s_total_low
    , (CAST(0 AS BIGINT) + s_fit_high + s_engagement_high) AS s_total_high
    , CASE WHEN (s_fit_low >= 20000) THEN TRUE WHEN NOT (s_fit_high >= 20000) THEN FALSE END AS c_part
  FROM k5
), k7 AS (
  SELECT k6.*
    , (CASE WHEN (s_fit_low >= 20000) THEN TRUE WHEN NOT (s_fit_high >= 20000) THEN FALSE END AND CASE WHEN (s_total_low >= 50000) THEN TRUE WHEN NOT (s_total_high >= 50000) THEN FALSE END) AS c_when  -- when
    , CASE WHEN (s_total_low >= 50000) THEN TRUE WHEN NOT (s_total_high >= 50000) THEN FALSE END AS c_part_2
  FROM k6
), k8 AS (
  SELECT k7.*
    , (c_when OR c_asked_for_a_demonstration) AS d_wanted
  FROM k7
), k9 AS (
  SELECT k8.*
    , CASE WHEN d_never THEN 'disqualified' WHEN NOT d_wanted THEN 'not qualified' WHEN d_never IS NULL OR d_wanted IS NULL THEN 'needs data' ELSE 'qualified' END AS d_decision
  FROM k8
)
SELECT lead_id AS "lead_id"
  , MAKE_TIMESTAMPTZ(as_of_us) AS "as_of"
  , d_decision AS "decision"
  , SUBSTR((CASE WHEN COALESCE(d_decision = 'disqualified' AND c_is_a_customer, FALSE) THEN '; is a customer' ELSE '' END || CASE WHEN COALESCE(d_decision = 'disqualified' AND c_is_a_student, FALSE) THEN '; is a student' ELSE '' END || CASE WHEN COALESCE(d_decision = 'disqualified' AND c_works_for_a_competitor, FALSE) THEN '; works for a competitor' ELSE '' END || CASE WHEN COALESCE(d_decision = 'qualified' AND c_asked_for_a_demonstration, FALSE) THEN '; asked for a demonstration' ELSE '' END || CASE WHEN COALESCE(d_decision = 'qualified' AND c_when, FALSE) THEN '; warehouse' ELSE '' END || CASE WHEN COALESCE(d_decision = 'not qualified' AND (NOT c_part), FALSE) THEN '; unmet: the score fit is at least 20' ELSE '' END || CASE WHEN COALESCE(d_decision = 'not qualified' AND (NOT c_part_2), FALSE) THEN '; unmet: the score is at least 50' ELSE '' END), 3) AS "reasons"
  , (CAST(s_total_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_low"
  , (CAST(s_total AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score"
  , (CAST(s_total_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_high"
  , (CAST(s_fit_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_fit_low"
  , (CAST(s_fit AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_fit"
  , (CAST(s_fit_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_fit_high"
  , (CAST(s_engagement_low AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_engagement_low"
  , (CAST(s_engagement AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_engagement"
  , (CAST(s_engagement_high AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(4, 3))) AS "score_engagement_high"
  , CASE WHEN s_fit_high >= 40000 AND s_fit_low >= 40000 THEN 'A' WHEN s_fit_high >= 40000 AND s_fit_low < 40000 AND s_fit_low >= 20000 THEN 'A or B' WHEN s_fit_high >= 40000 AND s_fit_low < 20000 THEN 'A, B or C' WHEN s_fit_high < 40000 AND s_fit_high >= 20000 AND s_fit_low < 40000 AND s_fit_low >= 20000 THEN 'B' WHEN s_fit_high < 40000 AND s_fit_high >= 20000 AND s_fit_low < 20000 THEN 'B or C' WHEN s_fit_high < 20000 AND s_fit_low < 20000 THEN 'C' END AS "grade_fit"
  , SUBSTR(CASE WHEN COALESCE(c_e_mail_mql, FALSE) THEN '; e-mail MQL' ELSE '' END, 3) AS "labels"
  , 'warehouse' AS "name"
  , '1' AS "version"
  , 'mq1-9879ed198d4aea8a2eb7' AS "fingerprint"
FROM k9
