//! Our own words for the four fields in which an error costs dear, in fifteen languages: English,
//! German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Turkish, Chinese,
//! Japanese, Korean, Arabic and Hindi.
//!
//! An entry is in lower case; `*` at its end takes any ending, `_` stands for a space. A strong
//! entry is enough alone, of the weak ones it takes two: they have everyday meanings too.

use super::Domain::{self, Financial, Legal, Medical, Scientific};

/// Field, whether strong, entries. One line a language, in the order above:
/// first the words of the field, then those of everyday life around it.
pub(super) const LISTS: [(Domain, bool, &str); 15] = [
    (
        Legal,
        true,
        "lawsuit* litigation plaintiff* defendant* attorney* lawyer* statute* statutory tort \
         jurisdiction* subpoena* injunction* indictment* felony misdemeanor* plea_bargain* \
         small_claims court_order court_case power_of_attorney custody_battle child_custody \
         breach_of_contract non-disclosure nda non-compete indemnif* intellectual_property \
         patent_infringement copyright_infringement trademark* gdpr hipaa legally legal_* \
         enforceable unenforceable eviction evict* probate testament immigration_status deportation \
         motion_to arbitration affidavit* power-of-attorney wrongful_termination restraining_order \
         can_i_sue sue_* sued litigat* liability_clause* terms_of_service lease_agreement \
         employment_contract rental_contract
         rechtsanwalt* anwalt* kündigungsschutz* mietvertrag* arbeitsvertrag* kaufvertrag* klage \
         klagen verklagen* gericht gerichts* amtsgericht* landgericht* rechtlich* rechtswidrig* gesetz* \
         paragraph strafrecht* strafbar* bgb stgb agb-* agb dsgvo widerspruch widerrufsrecht* haftung* \
         vertragsrecht* schadensersatz* erbrecht* testament* scheidung* sorgerecht* abmahnung* urheberrecht* \
         impressumspflicht verjährung* fristlos* mahnbescheid*
         avocat* tribunal tribunaux juridique* prud'hommes mise_en_demeure litige* contentieux bail \
         préavis contractuel* code_civil code_du_travail assignation plainte porter_plainte divorce* \
         garde_alternée succession_légale licenciement* rgpd clause* résilier jurisprudence*
         abogad* demanda_judicial demandar* juzgado* tribunal* sentencia* cláusula* contrato_de_* \
         despido* custodia divorcio* jurídic* código_penal código_civil herencia* arrendamiento* \
         incumplimiento* rgpd testamento* denunciar* recurso_de_* juicio
         avvocat* tribunale ricorso ricorrere sentenza* impugnare* licenziament* contratto_di_* \
         contrattual* giudice_di_pace codice_civile codice_penale querela denuncia* divorzi* \
         affidamento_dei_figli eredità giuridic* clausol* risarcimento* diffida
         advogad* processar_* sentença quebra_de_contrato jurídic* código_civil código_penal guarda_* \
         divórcio* rescisão* cláusula* indenização* lgpd herança inventário petição*
         advocaat* advocaten rechtbank* arbeidscontract* arbeidsovereenkomst* huurovereenkomst* \
         bezwaarschrift* rechtsgeldig* juridisch* wetboek* echtscheiding* ontslagrecht* dagvaarding* \
         schadevergoeding* aansprakelijk* ontslag avg-* strafrecht*
         adwokat* prawnik* prawnicz* prawny prawna prawne sąd sądu sądow* sądzie pozew pozwu pozwać* \
         wyrok* odwołać_się apelacj* kodeks* umow* klauzul* rozwod* rozwód* spadk* odszkodowan* rodo \
         najmu
         адвокат* юрист* суд суда суде судебн* суду иск исков* обжалова* апелляци* договор* незаконн* \
         законн* статья_* кодекс* развод* наследств* уголовн* взыскани* юридическ* расторж* жалоб*
         avukat* dava davası davayı mahkeme* sözleşme* yasal* yasadışı hukuk* boşanma* tazminat* \
         miras* suç suçu feshed* tahliye* temyiz* kanun* kvkk
         律师 起诉 诉讼 法院 法律 合同 合約 合约 违约 违法 上诉 判决 赔偿 离婚 遗产 劳动法 仲裁 条款 侵权 刑法 民法
         弁護士 訴訟 裁判 法律 法的 契約書 契約違反 損害賠償 控訴 離婚 相続 慰謝料 告訴 条項 著作権 違法 解雇
         변호사 소송 법원 법률 법적 계약서 계약_* 위약금 손해배상 항소 이혼 상속 고소 저작권 불법 해고
         محام* محكمة دعوى قضائي* قانون* عقد عقود قضية طلاق تعويض* استئناف ميراث فصل_تعسفي جزائي* حكم_المحكمة
         वकील* मुकदमा* मुक़दमा* अदालत* कानूनी क़ानूनी कानून क़ानून अनुबंध* तलाक* तलाक़* अपील* वसीयत* न्यायालय* धारा",
    ),
    (
        Legal,
        false,
        "court courts judge trial contract contracts clause clauses law laws legal sue landlord tenant \
         lease divorce custody copyright patent crime criminal police liability rights inheritance \
         deposit dismissal terminated fired employer visa arrest* agreement fine
         recht vertrag* urteil* vermieter* mieter* arbeitgeber* gekündigt kündigung* klausel* frist \
         fristen bescheid* gültig wirksam
         loi lois droit contrat* propriétaire locataire* juge* délai prescription faute_*
         ley leyes legal contrato* casero* fianza plazo juez denuncia*
         legge leggi contratto multa giudice locatore termine appello separazione
         lei leis contrato* juiz prazo locador multa
         wet wetten contract* werkgever* huisbaas beëindigen recht overeenkomst*
         prawo prawa umowa termin instancji najemc* właściciel*
         закон* права право срок аренд* условия
         kira ev_sahib* madde* işten_çıkar* hak hakkı hakları
         房东 押金 条例 期限 权利 警察 罚款
         大家 敷金 契約 期限 権利 警察 罰金
         집주인 보증금 계약 조항 기한 권리 경찰 벌금
         شروط صاحب_العمل إيجار حقوق شرطة غرامة
         मालिक किराया शर्त* पुलिस अधिकार* जुर्माना",
    ),
    (
        Medical,
        true,
        "symptom* diagnos* medication* prescription* antibiotic* ibuprofen paracetamol acetaminophen \
         aspirin warfarin insulin metformin chemotherapy vaccine* vaccinat* dosage* overdose* \
         contraindication* side_effect* blood_pressure blood_sugar heart_attack stroke_symptoms \
         pregnan* miscarriage cancer tumor* tumour* diabetes diabetic asthma pneumonia appendicitis \
         hypertension antidepressant* ssri* suicidal chest_pain ecg ekg mri_scan biopsy surgery \
         rash_on allergic_reaction anaphyla* seizure* sepsis hepatitis hiv covid* concussion
         symptome* diagnose* medikament* arzneimittel* nebenwirkung* ibuprofen* bluthochdruck* \
         schwanger* antibiotik* impfung* krebs krebserkrankung* herzinfarkt* schlaganfall* ausschlag \
         dosierung* wechselwirkung* arztbrief* brustschmerz* diabetes* blutdruck* therapie*
         symptôme* diagnosti* médicament* effets_secondaires posologie* antibiotique* amoxicilline \
         enceinte* grossesse* tension_artérielle infarctus urgences vaccin* cancer* diabète douleur_* \
         douleurs_* ordonnance_médicale chimiothérapie grippe
         síntoma* diagnóstic* medicamento* efectos_secundarios dosis antibiótic* embarazad* embarazo \
         presión_arterial infarto ictus cáncer vacuna* diabetes* fiebre dolor_* quimioterapia hipertensión
         sintom* diagnosi farmac* effetti_collaterali antibiotic* gravidanza incinta pressione_alta \
         infarto tumore* vaccin* diabete polmonite dosaggio posologia
         sintoma* diagnóstico* remédio* efeitos_colaterais dose* antibiótico* anti-inflamatório* grávida \
         gravidez pressão_alta infarto câncer vacina* dengue quimioterapia
         symptomen diagnose* medicijn* bijwerking* dosering* antibiotica zwanger* bloeddruk* hartaanval* \
         kanker vaccin* diabetes huisarts metformine pijn_op_de_borst koorts
         objaw* diagnoz* lek leki lekarstw* leków skutki_uboczne antybiotyk* ciąż* ciąży nadciśnien* \
         zawał* nowotw* szczepi* cukrzyc* zapaleni* dawk* gorączk* chorob*
         симптом* диагноз* лекарств* побочн* антибиотик* беременн* давлени* инфаркт* дозиров* вакцин* \
         диабет* парацетамол* опухол* онкологи* пациент*
         semptom* belirtileri teşhis* ilaç* ilac* yan_etki* antibiyotik* hamile* tansiyon* kalp_krizi \
         kanser* aşı aşısı diyabet göğüs_ağr* hastalı* doz dozu
         症状 诊断 药物 副作用 抗生素 怀孕 高血压 心脏病 癌症 疫苗 糖尿病 剂量 发烧 患者 处方 服药 服用 胸痛 手术 吃药 种药
         症状 診断 副作用 抗生物質 妊娠 高血圧 心筋梗塞 がん 糖尿病 服用 発熱 患者 処方 手術 飲める薬 この薬 薬を ワクチン
         증상 진단 부작용 항생제 임신 고혈압 심근경색 암_* 당뇨* 복용* 환자* 처방* 수술* 약의 약을 약이 백신 통증
         أعراض الأعراض تشخيص التشخيص دواء الدواء أدوية جرعة الجرعة مضاد_حيوي حامل الحمل ضغط_الدم سرطان \
         لقاح السكري المريض مريض حمى الحمى جراحة
         लक्षण* निदान दवा* दवाई* दवाएँ दवाओं खुराक गर्भ* रक्तचाप कैंसर टीका मधुमेह मरीज* मरीज़* बुखार* इलाज ऑपरेशन",
    ),
    (
        Medical,
        false,
        "patient patients doctor hospital fever pain rash dose drug drugs pill pills pills therapy \
         treatment disease infection blood surgery headache nausea cough bleeding medicine medical \
         allergy virus child clinic health
         arzt ärzt* krankenhaus* fieber* schmerz* patient* krankheit* gefährlich einnehmen tabletten
         médecin* hôpital fièvre patient* maladie* traitement* enfant poitrine
         médico* hospital* paciente* enfermedad* tratamiento* mareos visión_borrosa niño dolor
         medico medici ospedale febbre paziente* malattia dolore vomita cura
         médico* hospital* paciente* febre doença* dor peito tratamento
         dokter* ziekenhuis* patiënt* ziekte pijn borst behandeling
         lekarz* szpital* pacjent* ból dziecka alkohol*
         врач* больниц* болит температур* кашель боль сердц* немеет ребён*
         doktor* hastane* hasta hastanın ateşi ağrı* acile acil tedavi*
         医生 医院 孩子 咳嗽 头痛 病人 治疗 病毒 药
         医者 病院 子ども 咳 痛み 治療 熱 薬
         의사 병원 아이 열이 기침 치료 두통 약
         طبيب الطبيب مستشفى المستشفى ألم الصدر علاج طفلي للأطفال
         डॉक्टर* अस्पताल दर्द सीने बच्चे खाँसी बीमारी",
    ),
    (
        Financial,
        true,
        "mortgage* refinanc* capital_gain* dividend* index_fund* mutual_fund* etf etfs stock_market \
         hedge_fund* 401k ira roth retirement_* pension* tax_return* tax_deduct* income_tax taxable \
         withholding_tax depreciation amortiz* balance_sheet cash_flow interest_rate* compound_interest bank_account* bank_loan* credit_score \
         credit_card_debt bankruptcy* derivatives futures_contract portfolio_* money_laundering \
         fraud_detection credit_risk audit_report fiscal_year vat life_insurance student_loan* \
         payday_loan* cryptocurrenc* bitcoin bonds stocks
         steuer* versteuer* dividende* aktie* anleihe* kapitalertr* kredit* umschuldung* baufinanzierung* \
         hypothek* altersvorsorge* rente zinsen zinssatz* insolvenz* bilanz* abschreibung* geldanlage* \
         finanzamt* wertpapier* depot
         impôt* plus-value* crédit_immobilier taux_d'intérêt prêt_* mon_prêt épargne* obligations \
         dividende* fiscal* assurance-vie déclaration_de_revenus retraite_* bourse amortissement* \
         hypothécaire* faillite tva
         hipoteca* impuesto* acciones declaración_de_la_renta tributa* fondo_de_inversión \
         fondos_de_inversión interés_de_* préstamo* dividendo* jubilación quiebra iva bolsa_de_*
         mutuo plusvalenz* azioni obbligazion* tass* dichiarazione_dei_redditi investir* conto_titoli \
         dividend* pensione fallimento iva imu irpef prestit*
         imposto* ações_* ações renda_fixa juros empréstimo* financiamento_* investir* dividendo* \
         aposentadoria falência declarar_* previdência
         hypothe* belasting* belegg* aandelen obligaties rente lening* dividend* pensioen* faillissement* \
         btw spaargeld
         podat* kredyt* akcje akcji obligacj* odsetk* hipotecz* dywidend* emerytur* lokat* upadłoś* vat \
         inwestyc* inwestow*
         налог* ипотек* акци* облигаци* кредит* дивиденд* пенси* банкрот* инвестиц* вклад* процентн* ндс
         vergi* hisse* tahvil* kredi* faiz* temettü* emeklilik* iflas* yatırım* kdv borsa*
         股票 基金 债券 贷款 房贷 利率 缴税 税收 所得税 保险理赔 投资 分红 破产 养老金 信用卡债
         株式 株の 税金 住宅ローン ローン 金利 利息 債券 投資信託 投資 確定申告 配当 年金 破産
         주식* 세금* 대출* 금리* 이자* 채권* 펀드* 투자* 배당* 연금* 파산*
         ضريبة الضريبة ضرائب أسهم الأسهم سندات السندات قرض القرض فائدة_* استثمار* أستثمر أرباح_* عقاري* إفلاس
         शेयर* टैक्स कर_* ऋण* ब्याज* निवेश* बॉन्ड* लाभांश पेंशन बीमा म्यूचुअल* कर्ज* क़र्ज़*",
    ),
    (
        Financial,
        false,
        "tax taxes loan loans invest* shares stock debt portfolio budget insurance fund \
         funds salary savings profit* fixed_rate accounting invoice* revenue business deduct* retirement
         geld bank darlehen fonds börse gewinn* sparen
         argent banque prêt taux actions placer rembourser placement
         dinero banco interés inversión vender ganancias tipo_fijo fondo
         soldi banca interessi conto risparmi*
         dinheiro banco dívida cartão imóvel venda investimento*
         geld bank aflossen sparen
         pieniądze bank sprzedaż* oszczędn*
         деньги банк* вложить прибыл* продаж*
         para banka kazanç* kazancından hesapla* borç
         银行 收益 还款 保险 存款 税
         銀行 売却益 固定金利 変動金利 保険 貯金 株
         은행 수익 보험 저축 주택담보*
         بنك أرباح سداد مال تأمين
         बैंक मुनाफा मुनाफ़ा दर पैसा",
    ),
    (
        Scientific,
        true,
        "p-value* null_hypothesis hypothes* confidence_interval* standard_deviation statistical_* \
         statistically regression_* anova t-test* sample_size* peer-review* peer_review* clinical_trial* \
         randomized randomised control_group spectroscop* chromatograph* crispr genome* genomic* protein* \
         enzyme* catalyst* reaction_rate chemical_reaction* molecul* quantum_* isotope* thermodynamic* \
         photosynthesis mutation* stoichiometr* titration* pcr laboratory_* meta-analysis \
         systematic_review dna rna particle_physics
         hypothese* signifikanz* stichprobe* statistisch* experiment* messdaten* molekül* enzym* katalysator* \
         spektroskop* genom* protein* synthese* konfidenzintervall* standardabweichung* versuchsaufbau* \
         regression* quanten*
         hypothèse* échantillon* régression* intervalle_de_confiance expériment* protéine* molécul* \
         réaction_chimique catalyseur* spectroscop* génom* écart-type enzyme* quantique*
         hipótesis experimento* tamaño_de_muestra muestra_* regresión* proteína* molécul* mutación* enzima* \
         reacción_química catalizador* desviación_* genoma* cuántic* nivel_de_confianza
         ipotesi esperiment* regressione* campione_* molecol* spettroscop* protein* fotosintesi enzim* \
         reazione_chimica catalizzator* genoma* deviazione_standard quantistic*
         hipótese* experimento* amostra* desvio_padrão regressão* proteína* molécula* enzima* \
         reação_química catalisador* genoma* quântic*
         hypothese* steekproef* experiment* p-waarde* enzym* chemische_reactie* molecul* regressie* \
         katalysator* eiwit* genoom standaardafwijking*
         hipotez* eksperyment* istotność_* istotności_* statystyczn* enzym* reakcj* cząstecz* białk* genom* \
         katalizator* regresj* próby
         гипотез* эксперимент* выборк* статистическ* белка белок белков молекул* катализатор* реакци* \
         фермент* геном* регресси* квантов*
         hipotez* deney* örneklem* istatistiksel* kimyasal* molekül* enzim* protein* tepkime* genom* regresyon*
         假设检验 研究假设 假说 样本量 样本 实验 显著性 统计 化学反应 分子 蛋白质 酶 催化 基因 光谱 量子 回归分析
         仮説 標本 実験 統計 有意 化学反応 分子 酵素 触媒 遺伝子 タンパク質 回帰 量子 反応速度
         가설* 표본* 실험* 통계* 유의* 화학_반응* 화학반응* 분자* 효소* 촉매* 유전자* 단백질* 회귀* 양자*
         فرضية الفرضية فرضيات تجربة_* عينة تفاعل* التفاعل كيميائي* الكيميائي بروتين* البروتين جزيء إحصائ* إنزيم* جينوم
         परिकल्पना* प्रयोग* नमूने रासायनिक* अणु एंजाइम* प्रोटीन* सांख्यिकी* जीनोम अभिक्रिया*",
    ),
    (
        Scientific,
        false,
        "experiment* research dataset* data scientific science cell cells gene genes chemical reaction \
         reactions theory measurement* statistics regression variance correlation sample samples laboratory \
         lab journal bacteri* species physics chemistry biology study test paired distributed measure
         forschung* daten versuch* messung* wissenschaft* zelle* gen theorie auswert*
         recherche* données protocole* mesure* mesurer science* cellule* théorie*
         investigación datos ciencia* célula* teoría* métodos ensayo artículo
         ricerca dati misure scienza cellula teoria campione
         pesquisa dados ciência célula teoria teste*
         onderzoek* gegevens meting* wetenschap* cel theorie
         badani* badaw* dane pomiar* nauk* komórk* temperatur*
         исследовани* данные измерени* наук* клетк* теори* механизм*
         araştırma* veri ölçüm* bilim* hücre* teori
         研究 数据 测量 科学 细胞 理论 活性 机理
         研究 データ 測る 科学 細胞 理論 反応
         연구* 데이터 측정* 과학 세포 이론 반응
         بحث البحث بيانات قياس لقياس علم خلية نظرية
         शोध* आँकड़े मापने विज्ञान कोशिका सिद्धांत परीक्षण",
    ),
    (
        Legal,
        true,
        "solicitor* barrister* hague_convention alimony child_support severance eviction_notice tenancy \
         tenants' legal_advice in_court to_court take_to_court overtime_pay unpaid_wages custody \
         planning_permission building_permit last_will
         einklagen unterhalt unterhaltszahlung* abfindung* widerrufe rückgaberecht* vorladung* \
         baugenehmigung* vollmacht* vormundschaft* anzeige_erstatten strafanzeige*
         pension_alimentaire huissier* permis_de_construire dommages_et_intérêts tutelle procuration
         pensión_alimenticia citación_judicial permiso_de_obra* indemnización* inquilino* abogacía
         fare_causa faccio_causa assegno_di_mantenimento permesso_di_costruire sfratto risarcire
         justa_causa pensão_alimentícia despejo* na_justiça inquilino* demitid*
         transitievergoeding* alimentie ontslagen vergunning* smartengeld huurrecht*
         alimenty pozwolenie_na_budowę zwolnić_na wypowiedzenie eksmisj* odprawa
         алимент* уволи* уволен* увольнен* повестк* выселени* возмещени* ущерб* прокуратур*
         kıdem nafaka tahliye celp haklarım velayet*
         维权 拖欠工资 仲裁 赡养费 抚养 拆除 诉状 拘留 律所
         残業代 養育費 立ち退き 越境 裁判所 相続税 労働基準
         고소 신고하* 월급을_주지 퇴직금 양육비 철거 임금_체불
         حقوقي نفقة تعويضات إخلاء راتبي فصل_من_العمل
         गुजारा_भत्ता बेदखली नोटिस_भेज* हर्जाना",
    ),
    (
        Legal,
        false,
        "neighbour* neighbor* fence permit permission obliged wages salary overtime refund abroad consent guardian
         nachbar* grundstück* dulden hecke widerruf* gehalt kauf zaun
         voisin* mur permis obligé salaire
         vecino* derechos inquilin* obligad* sueldo salario
         vicino condominio vietar* stipendio
         vizinho* terreno direitos salário
         buurman schutting mag_dat loon recht_op
         sąsiad* działce pracodawc* płot zwolni*
         сосед* отказыва* работодател* зарплат* больничн*
         komşu* bahçe* işveren* maaş*
         公司 邻居 工资 院子
         隣の 会社 支払われ 切ってもいい
         회사 이웃 땅에 월급*
         جاري أرضي الشركة راتب
         पड़ोसी ज़मीन वेतन कंपनी",
    ),
    (
        Medical,
        true,
        "pill pills melatonin blood_thinner* swollen dizzy dizziness headache* migraine* vomit* swallowed \
         allerg* bleeding unconscious stitches miscarry contracepti* suicide depression anxiety_attack \
         panic_attack infection* nausea injur* poisoning paramedic* inhaler* statin* physiotherap* thyroid \
         kidney_* liver_* numbness
         tablette* schwindlig schwindel kopfschmerz* migräne erbrechen verschluckt gehirnerschütterung* \
         allergi* blutung* bewusstlos depression* verletz* vergiftung* pille
         migraine* vomi* vertige* avalé pilule allergi* saignement* inconscient dépression blessure* comprimé*
         alergi* migraña* vómit* sangr* pastilla* desmay* tragado depresión urgencias cirugía
         allergi* emicrania pastiglia pastiglie vomito sangu* ingoiato svenut* depressione pronto_soccorso respira_male
         alergi* enxaqueca vômit* engoliu comprimido* sangramento desmaiou depressão pronto-socorro
         allergi* migraine misselijk* duizelig* doorgeslikt antidepressiva bloeding* depressie overgeven pil pillen
         alergi* migren* wymiot* połkn* zawroty drętwiej* krwawi* tabletk* depresj* udar
         аллерги* мигрен* тошнот* проглоти* таблет* кровотеч* головокруж* инсульт* депресси*
         alerji* migren kusma* yuttu hap_* felç kanama baş_dönmesi depresyon
         过敏 头晕 呕吐 吞了 误吞 头孢 药片 出血 中毒 中风 抑郁 宝宝发
         アレルギー 頭痛薬 めまい 嘔吐 飲み込み 出血 中毒 うつ病 脳卒中
         알레르기 두통약 어지러* 구토 삼켰* 출혈 중독 우울증 뇌졸중
         حساسية الحساسية صداع دوار قيء ابتلع نزيف تسمم اكتئاب جلطة
         एलर्जी गोली सिरदर्द चक्कर उल्टी निगल खून ज़हर अवसाद लकवा",
    ),
    (
        Medical,
        false,
        "calf fell confused baby toddler alcohol breathe breathing heart skin bruise* sleep tired nurse
         oma verwechselt herz atmet baby alkohol blut
         bébé avalé risqué cœur respire
         madre caído recuerda bebé alcohol corazón
         nonna neonato cuore presa respira normale
         filha bebê álcool pressão coração
         moeder gevallen in_de_war alcohol bellen hart
         mama dziecko rękę ręka serce alkohol*
         ребёнок ребенок алкоголь пить рука
         annem çocuğum düştü kalp alkol
         宝宝 喝酒 心脏 皮肤
         お酒 心臓 皮膚 飲んでも
         술을 심장 피부 먹어도
         الكحول القلب تناول
         शराब दिल बच्चा",
    ),
    (
        Financial,
        true,
        "savings retire retired consolidat* credit_cards withdraw_each inflation_rate annuity annuities brokerage \
         emergency_fund down_payment debt debts premium_payments exchange_rate*
         sparplan* etf-* eigenkapital* ruhestand* schulden verschuld* tagesgeld* festgeld* inflation*
         fonds_indiciel* surendetté* livret dettes retraite inflation hypothèque
         jubilar* plan_de_pensiones depósito_a_plazo deuda* ahorrar ahorros inflación
         fondo_pensione piano_di_accumulo debiti inflazione riscattare risparmiare
         aposentar* quitar tesouro_direto dívidas poupança inflação aplicar_no
         sparen pensioen* schulden inflatie annuïtair*
         emerytur* oszczędza* dług* lokaty inflacj* konsolidacj*
         на_пенсию долг* накоп* инфляци* сбережени* депозит*
         emekli* mevduat* birikim* enflasyon borç* biriktir*
         存款 国债 退休 存多少钱 理财 债务 通货膨胀 首付
         定期預金 国債 早期退職 積み立て 資産運用 借金 インフレ 貯蓄
         정기예금 국채 은퇴* 저축* 빚 인플레* 적금
         وديعة الوديعة أدخر ادخار أتقاعد التقاعد ديون تضخم
         बचत सावधि_जमा रिटायर* सेवानिवृत्ति महंगाई उधार",
    ),
    (
        Financial,
        false,
        "withdraw save saving gold house credit payment* wage afford inflation
         haus monat sparen gold
         maison économiser or fonds
         casa depósito oro
         casa costa anni oro
         carro guardar ouro
         huis goedkoper goud
         odkładać złoto mieszkanie
         откладывать карте выгоднее золото
         altın ayda ev
         每个月 黄金 提前
         毎月 金利 安全
         매달 안전한가
         الذهب شهريا البنكية
         सोना हर_महीने बचाना जमा",
    ),
    (
        Scientific,
        true,
        "heteroscedastic* standard_error* residuals antibod* western_blot kda observational_study bacterial_culture \
         measurement_error* centrifug* electrophoresis ph_value microscop* in_vitro in_vivo mass_spectromet* \
         systematic_error* p_value randomis* placebo astrophysic* neural_network_training lab_results
         titration* ph-wert* messfehler* messunsicherheit* randomisiert* bakterien* zentrifug* mikroskop* doppelblind*
         électrophorèse incertitude* bactérie* microscop* centrifug* randomisé* biais
         bacteria* cultivo_* sesgo estudio_observacional incertidumbre microscop* centrifug*
         errore_sistematico pcr incertezza batteri* microscop* centrifug*
         bactéria* centrifug* incerteza microscóp* cultura_de_*
         bacteri* meetfout* voedingsbodem* meetonzekerheid microscoop centrifug*
         bakteri* niepewnoś* mikroskop* wirówk* hodowl*
         бактери* погрешност* микроскоп* центрифуг* неопределённост*
         bakteri* belirsizli* mikroskop* santrifüj*
         细菌 不确定度 显微镜 离心 误差分析 培养基
         細菌 不確かさ 顕微鏡 遠心 誤差 培養
         세균 불확도 현미경 원심 오차 배양
         بكتيريا البكتيريا المجهر عدم_اليقين خطأ_القياس
         जीवाणु* अनिश्चितता सूक्ष्मदर्शी अपकेंद्र*",
    ),
];
