package casework

import (
	"context"

	pb "hotline/api/casework/v1"
)

// doors (分类处理指引) are the grounds on which intake takes another branch than 受理 (国办函〔2025〕66号), and the words to start from:
// nobody is sent away without being told where to go.
var doors = []*pb.Door{
	{Disposition: pb.Disposition_EMERGENCY_TRANSFER, Reason: "110警情", Told: "情况紧急，现在为您转接110，请不要挂机，先保证自身安全。"},
	{Disposition: pb.Disposition_EMERGENCY_TRANSFER, Reason: "119火警救援", Told: "情况紧急，现在为您转接119，请不要挂机，先撤离到安全的地方。"},
	{Disposition: pb.Disposition_EMERGENCY_TRANSFER, Reason: "120急救", Told: "情况紧急，现在为您转接120，请不要挂机，听从急救人员的指导。"},
	{Disposition: pb.Disposition_EMERGENCY_TRANSFER, Reason: "122交通事故", Told: "现在为您转接122，请不要挂机，先开启危险报警闪光灯并撤到路外。"},
	{Disposition: pb.Disposition_LEGAL_CHANNEL, Reason: "诉讼", Told: "这件事应当通过诉讼解决，请向有管辖权的人民法院提出；可拨打12368咨询诉讼事务，拨打12348获得法律帮助。"},
	{Disposition: pb.Disposition_LEGAL_CHANNEL, Reason: "仲裁", Told: "这件事应当通过仲裁解决，请向有管辖权的仲裁机构申请；可拨打12348咨询。"},
	{Disposition: pb.Disposition_LEGAL_CHANNEL, Reason: "纪检监察", Told: "这件事属于纪检监察机关的职责，请拨打12388，或通过其公布的来信、来访、网络渠道反映。"},
	{Disposition: pb.Disposition_LEGAL_CHANNEL, Reason: "行政复议", Told: "这件事可以申请行政复议，请在法定期限内向行政复议机构提出，也可以向其询问审理进度。"},
	{Disposition: pb.Disposition_LEGAL_CHANNEL, Reason: "信息公开", Told: "请向制作或者保存该信息的行政机关提出政府信息公开申请，或者向其信息公开工作机构询问。"},
	{Disposition: pb.Disposition_LEGAL_CHANNEL, Reason: "信访", Told: "这件事已由信访部门登记办理，请向信访部门或者通过其网上系统查询进度，不服的可以按期申请复查、复核。"},
	{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: "国家秘密", Told: "您问的内容涉及国家秘密，热线不能提供，也请您不要在电话里谈论；发现泄密线索，请向保密行政管理部门反映。"},
	{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: "商业秘密", Told: "热线不能提供他人的经营信息，您可以查询企业依法公示的信息。"},
	{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: "个人隐私", Told: "热线不能提供他人的个人信息；确有需要的，由有权机关依法调取。"},
	{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: "公序良俗", Told: "您的要求违背公序良俗，热线不能办理，请您理解。"},
	{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: "违法请求", Told: "您的要求不符合法律规定，热线不能办理。合法的途径是："},
	{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: repeated, Told: "您反映的事项此前已经办结，没有新的情况，办理结果是："},
	{Disposition: pb.Disposition_POLICE_REFERRAL, Reason: "恶意扰乱热线秩序"},
	{Disposition: pb.Disposition_POLICE_REFERRAL, Reason: "扬言威胁或谎报"},
}

// ListDoors (分类处理指引) is the same for every city: the branches are the State Council's.
func (s *Service) ListDoors(context.Context, *pb.ListDoorsRequest) (*pb.ListDoorsResponse, error) {
	return &pb.ListDoorsResponse{Doors: doors}, nil
}
